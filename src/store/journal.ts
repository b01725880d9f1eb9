/** The journal of calls, which is the cache and the means to resume: content-addressed, first entry kept. */
import { hash } from 'node:crypto';
import { checkName } from '../core/host/names.ts';
import { decodeJson, encodeJson, StoreError, type Journal, type JournalEntry } from '../core/index.ts';
import type { Driver } from './driver.ts';
import type { Writer } from './group-commit.ts';

export interface StoredJournal extends Journal {
  get(key: string): Promise<JournalEntry | undefined>;
  put(key: string, entry: JournalEntry): Promise<void>;
  /** Number of entries on disk. */
  count(): Promise<number>;
  /**
   * Deletes every entry, with what the log still holds of it. Resolves to how many there were. An entry belongs to no one
   * run: formulas share draws. Runs that go on later pay for their calls again.
   */
  clear(): Promise<number>;
}

/** Only the SHA-256 of a key is stored: prompts do not lie in the file, and keys are of one short length. */
export function storedJournal(driver: Driver, writer: Writer): StoredJournal {
  /** Entries on their way to the disk: to this process they are there already. */
  const pending = new Map<string, { readonly text: string; readonly written: Promise<void> }>();
  let batch: { readonly written: Promise<void>; readonly keys: string[] } | undefined;

  /** What is committed together is forgotten together. */
  const remember = (key: string, text: string, written: Promise<void>): void => {
    if (batch?.written !== written) {
      const keys: string[] = [];
      const forget = (): void => keys.forEach((known) => pending.delete(known));
      written.then(forget, forget);
      batch = { written, keys };
    }
    batch.keys.push(key);
    pending.set(key, { text, written });
  };

  const count = async (): Promise<number> => {
    await writer.flush();
    const [row] = await driver.read({ sql: 'SELECT count(*) AS entries FROM journal', params: [] });
    return Number(row?.['entries']);
  };

  return {
    async get(key) {
      const waiting = pending.get(key); // looked up first: it may land while the disk is read
      const [row] = await driver.read({ sql: 'SELECT entry FROM journal WHERE key = ?', params: [idOf(key)] });
      const text = row ? String(row['entry']) : waiting?.text;
      return text === undefined ? undefined : decoded(driver.file, text);
    },
    put(key, entry) {
      const first = pending.get(key);
      if (first) return first.written;
      const text = encodeJson(entry);
      const written = writer.add({ sql: INSERT, params: [idOf(key), text] });
      remember(key, text, written);
      return written;
    },
    count,
    async clear() {
      const entries = await count();
      await writer.add({ sql: 'DELETE FROM journal', params: [] });
      await writer.scrub();
      return entries;
    },
  };
}

const INSERT = 'INSERT INTO journal (key, entry) VALUES (?, ?) ON CONFLICT (key) DO NOTHING';

function idOf(key: string): Uint8Array {
  checkName('journal', 'key', key); // the hash reads bytes, in which two such keys are one
  return hash('sha256', key, 'buffer');
}

function decoded(file: string, text: string): JournalEntry {
  try {
    return decodeJson(text) as JournalEntry;
  } catch {
    throw new StoreError({
      file,
      problem: 'an entry of the journal is damaged',
      hint: 'Restore the file from a copy, or move it away and start a new one',
    });
  }
}
