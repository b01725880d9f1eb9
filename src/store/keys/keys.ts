/** Keys of a server's clients: never the keys themselves, only what tells a right one from a wrong one. */
import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { checkName } from '../../core/host/names.ts';
import { decodeJson, encodeJson } from '../../core/index.ts';
import type { Driver, Row } from '../driver.ts';
import type { Writer } from '../group-commit.ts';

export interface StoredKey {
  /** Names the key in lists, logs and accounts. It is part of the key and no secret. */
  readonly id: string;
  /** Whose it is. */
  readonly name: string;
  /** What it may do: plain data of whoever asks for it. */
  readonly may: unknown;
  /** UTC, `YYYY-MM-DD hh:mm:ss`. */
  readonly created: string;
  readonly revoked: boolean;
}

export interface StoredKeys {
  /** Makes a key. What it returns as `key` is written nowhere, and cannot be had again. */
  add(name: string, may: unknown): Promise<StoredKey & { readonly key: string }>;
  /** Oldest first. */
  list(): Promise<readonly StoredKey[]>;
  /** Resolves to whether there was such a key. */
  revoke(id: string): Promise<boolean>;
  /** Tells right keys from wrong ones, as of now: what is read is kept until `refresh`. */
  verifier(): Promise<KeyVerifier>;
}

export interface KeyVerifier {
  /** The key, where it is right and not revoked. A wrong one is found out in the same time, however much of it is right. */
  verify(key: string): StoredKey | undefined;
  /** Reads the keys anew. */
  refresh(): Promise<void>;
}

const PREFIX = 'px';
const SECRET_BYTES = 32;
const SELECT = 'SELECT id, name, hash, may, created, revoked FROM server_keys';

export function storedKeys(driver: Driver, writer: Writer): StoredKeys {
  const rows = async (): Promise<readonly Row[]> => {
    await writer.flush();
    return driver.read({ sql: `${SELECT} ORDER BY created, id`, params: [] });
  };
  /** The secret that keys are hashed with: a copy of the hashes alone is no help in guessing. */
  const pepper = async (): Promise<KeyObject> => {
    await writer.add({
      sql: "INSERT INTO server_secrets (name, value) VALUES ('keys', ?) ON CONFLICT (name) DO NOTHING",
      params: [randomBytes(SECRET_BYTES).toString('base64url')],
    });
    const [row] = await driver.read({ sql: "SELECT value FROM server_secrets WHERE name = 'keys'", params: [] });
    return createSecretKey(Buffer.from(String(row?.['value']), 'base64url'));
  };
  return {
    async add(name, may) {
      checkName('keys', 'name', name);
      const id = randomBytes(6).toString('hex');
      const key = `${PREFIX}-${id}-${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const hash = hashOf(key, await pepper()).toString('base64url');
      await writer.add({
        sql: 'INSERT INTO server_keys (id, name, hash, may, revoked) VALUES (?, ?, ?, ?, 0)',
        params: [id, name, hash, encodeJson(may ?? null)],
      });
      const [row] = await driver.read({ sql: `${SELECT} WHERE id = ?`, params: [id] });
      return { ...toKey(row as Row), key };
    },
    list: async () => (await rows()).map(toKey),
    async revoke(id) {
      const known = (await rows()).some((row) => row['id'] === id);
      await writer.add({ sql: 'UPDATE server_keys SET revoked = 1 WHERE id = ?', params: [id] });
      return known;
    },
    async verifier() {
      const secret = await pepper();
      let known = byId(await rows());
      /** Keys that were right since the hashes were read. Whoever sends one of them learns nothing from a quick answer. */
      let right = new Map<string, StoredKey>();
      return {
        verify(key) {
          const found = right.get(key);
          if (found) return found;
          const [, id = ''] = /^px-([0-9a-f]{12})-/.exec(key) ?? [];
          const row = known.get(id);
          const expected = row?.hash ?? NOBODY;
          const isRight = timingSafeEqual(hashOf(key, secret), expected);
          if (!isRight || !row || row.key.revoked) return undefined;
          if (right.size < MOST_RIGHT) right.set(key, row.key);
          return row.key;
        },
        async refresh() {
          known = byId(await rows());
          right = new Map();
        },
      };
    },
  };
}

/** Right keys that are not hashed again until the next reading. */
const MOST_RIGHT = 10_000;

/** What a key that nobody has is compared with. */
const NOBODY = randomBytes(32);

const hashOf = (key: string, secret: KeyObject): Buffer => createHmac('sha256', secret).update(key).digest();

const byId = (rows: readonly Row[]) =>
  new Map(
    rows.map((row) => [String(row['id']), { key: toKey(row), hash: Buffer.from(String(row['hash']), 'base64url') }]),
  );

function toKey(row: Row): StoredKey {
  return {
    id: String(row['id']),
    name: String(row['name']),
    may: decodeJson(String(row['may'])),
    created: String(row['created']),
    revoked: row['revoked'] === 1,
  };
}
