/** The journal of calls, which is the cache and the means to resume: content-addressed, first entry kept. */
import { hash } from 'node:crypto';
import { decodeJson, encodeJson, StoreError, type Journal, type JournalEntry } from '../core/index.ts';
import type { Driver } from './driver.ts';
import type { Writer } from './group-commit.ts';

export interface StoredJournal extends Journal {
  get(key: string): Promise<JournalEntry | undefined>;
  put(key: string, entry: JournalEntry): Promise<void>;
  /** Number of entries on disk. */
  count(): Promise<number>;
}

/** Only the SHA-256 of a key is stored: prompts do not lie in the file, and keys are of one short length. */
export function storedJournal(driver: Driver, writer: Writer): StoredJournal {
  /** Entries on their way to the disk: to this process they are there already. */
  const pending = new Map<string, { readonly text: string; readonly written: Promise<void> }>();

  return {
    async get(key) {
      const id = hash('sha256', key, 'buffer');
      const waiting = pending.get(id.toString('base64')); // looked up first: it may land while the disk is read
      const [row] = await driver.read({ sql: 'SELECT entry FROM journal WHERE key = ?', params: [id] });
      const text = row ? String(row['entry']) : waiting?.text;
      return text === undefined ? undefined : decoded(driver.file, text);
    },
    put(key, entry) {
      const id = hash('sha256', key, 'buffer');
      const name = id.toString('base64');
      const first = pending.get(name);
      if (first) return first.written;
      const text = encodeJson(entry);
      const written = writer
        .add({ sql: 'INSERT INTO journal (key, entry) VALUES (?, ?) ON CONFLICT (key) DO NOTHING', params: [id, text] })
        .finally(() => pending.delete(name));
      pending.set(name, { text, written });
      return written;
    },
    async count() {
      await writer.flush();
      const [row] = await driver.read({ sql: 'SELECT count(*) AS entries FROM journal', params: [] });
      return Number(row?.['entries']);
    },
  };
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
