/** Responses of a server that its clients can ask for later, and go on from. */
import { checkName } from '../../core/host/names.ts';
import { decodeJson, encodeJson } from '../../core/index.ts';
import type { Driver } from '../driver.ts';
import type { Writer } from '../group-commit.ts';

export interface KeptResponse {
  /** The id of its generation. */
  readonly id: string;
  /** The key of the client that asked. */
  readonly owner: string | undefined;
  /** The response that it goes on from. */
  readonly previous: string | undefined;
  /** What was asked, beside what came before. */
  readonly input: readonly unknown[];
  /** As it was answered. */
  readonly response: { readonly [field: string]: unknown };
}

export interface StoredResponses {
  put(response: KeptResponse): Promise<void>;
  get(id: string): Promise<KeptResponse | undefined>;
  delete(id: string): Promise<void>;
}

export function storedResponses(driver: Driver, writer: Writer): StoredResponses {
  return {
    async put({ id, owner, previous, input, response }) {
      checkName('responses', 'id', id);
      await writer.add({
        sql: 'INSERT INTO responses (id, owner, previous, input, response) VALUES (?, ?, ?, ?, ?)',
        params: [id, owner ?? null, previous ?? null, encodeJson(input), encodeJson(response)],
      });
    },
    async get(id) {
      checkName('responses', 'id', id);
      await writer.flush();
      const sql = 'SELECT owner, previous, input, response FROM responses WHERE id = ?';
      const [row] = await driver.read({ sql, params: [id] });
      if (!row) return undefined;
      const name = (column: string): string | undefined => (row[column] === null ? undefined : String(row[column]));
      return {
        id,
        owner: name('owner'),
        previous: name('previous'),
        input: decodeJson(String(row['input'])) as KeptResponse['input'],
        response: decodeJson(String(row['response'])) as KeptResponse['response'],
      };
    },
    async delete(id) {
      checkName('responses', 'id', id);
      await writer.add({ sql: 'DELETE FROM responses WHERE id = ?', params: [id] });
      await writer.scrub();
    },
  };
}
