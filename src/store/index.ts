/** The store: journal, runs, traces and memory in one file, or in PostgreSQL. */
export { ReaderMissing } from './documents/formats.ts';
export { documents, indexDocuments, type DocumentsOptions } from './documents/documents.ts';
export type { Accounts, KeyBudgets, Spending, Standing } from './keys/accounts.ts';
export type { Feedback, KeptFeedback, StoredFeedback } from './keys/feedback.ts';
export type { Dialect, Driver, Row, Statement, Value } from './driver.ts';
export type { StoredJournal } from './journal/journal.ts';
export type { KeptResponse, StoredResponses } from './keys/responses.ts';
export type { KeyVerifier, StoredKey, StoredKeys } from './keys/keys.ts';
export {
  openMemory,
  type MemoryOptions,
  type NotePage,
  type OpenMemory,
  type RankedNote,
  type StoredMemory,
} from './memory.ts';
export type { Uses } from './uses.ts';
export type { Run, RunIdentity, RunItem, Runs, RunStatus } from './runs/runs.ts';
export {
  CannotSteer,
  isWorkedOn,
  RUN_CHANGES,
  secondsLeftOf,
  stateOf,
  steerRun,
  type RunChange,
} from './runs/steer.ts';
export type { Pulse, RunProgress, RunWish, RunWork } from './runs/work.ts';
export type { StoreAt } from './drivers/open.ts';
export { isPostgres } from './drivers/postgres-address.ts';
export { postgresDriver, type PostgresOptions } from './drivers/postgres.ts';
export { sqliteDriver, type SqliteOptions } from './drivers/sqlite.ts';
export { copyStore, type Copied, type CopyOptions } from './care/copy.ts';
export { erase, removeOld, usageOf, type Before, type Removed, type Usage, type Whose } from './care/housekeeping.ts';
export { openStore, type Store } from './store.ts';
export type { FoundTrace, ListedTrace, TraceFilter, TraceOf, Traces } from './traces.ts';
