/** What clients of a server think of its answers: one opinion an answer, beside its trace. */
import { checkName } from '../../core/host/names.ts';
import type { Driver, Row } from '../driver.ts';
import type { Writer } from '../group-commit.ts';

export interface Feedback {
  /** The generation: the id of its trace. */
  readonly generation: string;
  /** From 0, wrong, to 1, right. */
  readonly score?: number | undefined;
  readonly comment?: string | undefined;
  /** What would have been right. */
  readonly correction?: string | undefined;
}

export interface KeptFeedback extends Feedback {
  /** UTC, `YYYY-MM-DD hh:mm:ss`. */
  readonly created: string;
}

export interface StoredFeedback {
  /** Keeps it in the place of what was said of that answer before. */
  put(feedback: Feedback): Promise<void>;
  get(generation: string): Promise<KeptFeedback | undefined>;
  /** Oldest first. */
  list(): Promise<readonly KeptFeedback[]>;
}

const SELECT = 'SELECT generation, score, comment, correction, created FROM feedback';

export function storedFeedback(driver: Driver, writer: Writer): StoredFeedback {
  return {
    async put({ generation, score, comment, correction }) {
      checkName('feedback', 'generation', generation);
      await writer.add({
        sql: `INSERT INTO feedback (generation, score, comment, correction) VALUES (?, ?, ?, ?)
              ON CONFLICT (generation) DO UPDATE SET score = excluded.score, comment = excluded.comment,
                correction = excluded.correction, created = excluded.created`,
        params: [generation, score ?? null, comment ?? null, correction ?? null],
      });
    },
    async get(generation) {
      checkName('feedback', 'generation', generation);
      await writer.flush();
      const [row] = await driver.read({ sql: `${SELECT} WHERE generation = ?`, params: [generation] });
      return row && toFeedback(row);
    },
    async list() {
      await writer.flush();
      return (await driver.read({ sql: `${SELECT} ORDER BY created, generation`, params: [] })).map(toFeedback);
    },
  };
}

function toFeedback(row: Row): KeptFeedback {
  const text = (column: string): string | undefined => (row[column] === null ? undefined : String(row[column]));
  return {
    generation: String(row['generation']),
    score: row['score'] === null ? undefined : Number(row['score']),
    comment: text('comment'),
    correction: text('correction'),
    created: String(row['created']),
  };
}
