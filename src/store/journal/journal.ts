/** The journal of calls, which is the cache and the means to resume: content-addressed, first entry kept. */
import { hash } from 'node:crypto';
import { checkName } from '../../core/host/names.ts';
import {
  ADDRESS_RULE,
  decodeJson,
  encodeJson,
  StoreError,
  type Journal,
  type JournalEntry,
  type Warning,
} from '../../core/index.ts';
import type { Driver } from '../driver.ts';
import type { Writer } from '../group-commit.ts';
import { modelStates, type ModelStates } from './model-states.ts';

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

/** Whether the entries are known to be keyed as this plusx keys them, and whether that is written down. */
export interface Ours {
  known: boolean;
  marked: boolean;
  /** Settles when it has been found out, and what waited for it is on its way. */
  asked: Promise<void>;
}

export const unknown = (): Ours => ({ known: false, marked: false, asked: Promise.resolve() });

/** Only the SHA-256 of a key is stored: prompts do not lie in the file, and keys are of one short length. */
export function storedJournal(
  driver: Driver,
  writer: Writer,
  ours: Ours = unknown(),
  states: ModelStates = modelStates(driver),
): StoredJournal {
  /** Entries on their way to the disk: to this process they are there already. */
  const pending = new Map<string, { readonly text: string; readonly written: Promise<void> }>();
  const select = `SELECT entry, ${driver.dialect.since('day')} AS days FROM journal WHERE key = ?`;
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

  /** Refuses a journal whose keys another rule made: what is in it would be paid for again. */
  const ask = async (): Promise<void> => {
    const rules = await driver.read({ sql: 'SELECT rule FROM journal_rules', params: [] });
    const other = rules.map(({ rule }) => Number(rule)).find((rule) => rule !== ADDRESS_RULE);
    if (other !== undefined) throw otherRule(driver.file, other, await count());
    ours.known = true;
  };
  const check = (): Promise<void> => {
    const asked = ask();
    ours.asked = asked.catch(() => {});
    return asked;
  };

  const write = (key: string, entry: JournalEntry): Promise<void> => {
    const first = pending.get(key);
    if (first) return first.written;
    const text = encodeJson(entry);
    if (!ours.marked) void writer.add({ sql: INSERT_RULE, params: [ADDRESS_RULE] }).catch(() => (ours.marked = false));
    ours.marked = true;
    const told = states.noted(key, entry);
    const written = writer.add([...told, { sql: INSERT, params: [idOf(key), text] }]);
    if (told.length > 0)
      written.then(
        () => states.written(key, true),
        () => states.written(key, false),
      );
    remember(key, text, written);
    return written;
  };

  return {
    async get(key) {
      if (!ours.known) await check();
      const waiting = pending.get(key); // looked up first: it may land while the disk is read
      const [row] = await driver.read({ sql: select, params: [idOf(key)] });
      const text = row ? String(row['entry']) : waiting?.text;
      if (text === undefined) return undefined;
      const entry = decoded(driver.file, text);
      const known = await states.known(key, entry);
      const days = Number(row?.['days'] ?? 0);
      const age = AGES.findLast((one) => days >= one);
      return { ...entry, ...(age !== undefined && { old: keptLongAgo(age) }), ...known };
    },
    put: (key, entry) => (ours.known ? write(key, entry) : check().then(() => write(key, entry))),
    count,
    async clear() {
      const entries = await count();
      await Promise.all(
        ['journal', 'journal_rules', 'model_states'].map((table) =>
          writer.add({ sql: `DELETE FROM ${table}`, params: [] }),
        ),
      );
      ours.known = ours.marked = false;
      states.forget();
      await writer.scrub();
      return entries;
    },
  };
}

/** Days. Which of several old entries is read first does not change what is said. */
const AGES = [30, 90, 365];

const keptLongAgo = (days: number): Warning => ({
  code: 'kept-long-ago',
  message: `replies that were kept ${days} days ago or more are used, and the server has not said since of which model its answers are: behind its name there may be another one by now. To ask anew, name another store, or delete the older replies with \`plusx store gc --journal ${days}d\``,
});

const INSERT_RULE = 'INSERT INTO journal_rules (rule) VALUES (?) ON CONFLICT (rule) DO NOTHING';
const INSERT = 'INSERT INTO journal (key, entry, day) VALUES (?, ?, CURRENT_DATE) ON CONFLICT (key) DO NOTHING';

function idOf(key: string): Uint8Array {
  checkName('journal', 'key', key); // the hash reads bytes, in which two such keys are one
  return hash('sha256', key, 'buffer');
}

export function otherRule(file: string, rule: number, entries: number): StoreError {
  return new StoreError({
    file,
    problem: `its ${entries} replies are kept by the addresses of draws under rule ${rule}, and this plusx draws by rule ${ADDRESS_RULE}: none would be found, and each would be paid for again`,
    hint: `${rule > ADDRESS_RULE ? 'Update plusx' : 'Go on with the plusx that wrote it'}, name another file, or delete the replies with \`journal.clear()\``,
  });
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
