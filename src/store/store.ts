/**
 * One file on disk, or one schema of a PostgreSQL, for all that outlives a process: journal, runs, traces, memory. Replies, results and
 * notes lie in it in plain, and the questions of runs, which are graded again with them; of the journal's requests only a hash. A new
 * file is for its owner only (0600).
 */
import type { Note } from '../core/index.ts';
import { storedAccounts, type Accounts } from './keys/accounts.ts';
import { inBlocks } from './keys/blocks.ts';
import { storedFeedback, type StoredFeedback } from './keys/feedback.ts';
import { groupCommit } from './group-commit.ts';
import { storedJournal, unknown, type StoredJournal } from './journal/journal.ts';
import { storedResponses, type StoredResponses } from './keys/responses.ts';
import { storedKeys, type StoredKeys } from './keys/keys.ts';
import { modelStates } from './journal/model-states.ts';
import { storedMemory, type StoredMemory } from './memory.ts';
import { storedRuns, type Runs } from './runs/runs.ts';
import { driverOf, type StoreAt } from './drivers/open.ts';
import { storedTraces, type Traces } from './traces.ts';
import { usesIn, type Uses } from './uses.ts';

export interface Store {
  /** The file, or the address without its password. */
  readonly file: string;
  /** Resolves when the database can be used. A file can be from the beginning; PostgreSQL is reached when it is first needed. */
  ready(): Promise<void>;
  /** Give it to a run as `journal`: calls made before are not made again. */
  readonly journal: StoredJournal;
  readonly runs: Runs;
  readonly traces: Traces;
  /** What clients of a server think of its answers. */
  readonly feedback: StoredFeedback;
  /** Who may ask a server, and what they have spent. */
  readonly keys: StoredKeys;
  readonly accounts: Accounts;
  /** What a server answered, to be gone on from. */
  readonly responses: StoredResponses;
  /** Notes and pages, found by words and by spelling. `openMemory` opens the same with another embedder. */
  readonly memory: StoredMemory;
  /** Where a note was used: results of items, and traces that keep what was said. The last `most` of each. */
  uses(note: Note, most: number): Promise<Uses>;
  /**
   * Deletes all that was recorded: the journal, the runs, the traces, the responses and what was said of answers, with what the log still holds of them. The notes
   * stay.
   */
  clear(): Promise<void>;
  /** Waits for what is being written, then lets go of the file. */
  close(): Promise<void>;
}

/**
 * Opens the store in a file, at an address of PostgreSQL (`postgres://...`), or on a driver. Several processes may have the same one open. What a write
 * acknowledged (its promise resolved) survives the process. Every failure is a StoreError that says what to do.
 */
export function openStore(at: StoreAt): Store {
  const driver = driverOf(at);
  const writer = groupCommit(driver);
  const ours = unknown();
  const states = modelStates(driver);
  const accounts = inBlocks(storedAccounts(driver, writer), writer);
  return {
    file: driver.file,
    ready: () => driver.ready(),
    journal: storedJournal(driver, writer, ours, states),
    runs: storedRuns(driver, writer),
    traces: storedTraces(driver, writer),
    feedback: storedFeedback(driver, writer),
    keys: storedKeys(driver, writer),
    responses: storedResponses(driver, writer),
    accounts,
    memory: storedMemory(driver),
    uses: usesIn(driver, writer),
    async clear() {
      const tables = ['journal', 'journal_rules', 'model_states', 'items', 'traces', 'feedback', 'responses', 'runs'];
      await Promise.all(tables.map((table) => writer.add({ sql: `DELETE FROM ${table}`, params: [] })));
      await writer.scrub();
      ours.known = ours.marked = false;
      states.forget();
    },
    async close() {
      await ours.asked;
      await accounts.flush().catch(() => undefined); // where nothing can be written, the file still has to be let go
      await writer.close();
      await driver.close();
    },
  };
}
