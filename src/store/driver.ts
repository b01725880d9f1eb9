/** What a database must do for the store. SQLite and PostgreSQL do it in `drivers/`; the interface is asynchronous for servers. */

export type Value = string | number | null | Uint8Array;
export type Row = { readonly [column: string]: Value };

/** SQL in the subset that SQLite and PostgreSQL share, `?` for each parameter. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly Value[];
  /**
   * Of the transactions that name the same lock, one runs after the other, in whatever process. SQLite has one writer at a time
   * anyway.
   */
  readonly lock?: string | undefined;
}

export interface Listed {
  readonly sql: string;
  readonly param: Value;
}

/** What the databases write differently. All other SQL of the store is the same for both. */
export interface Dialect {
  /** The words of a note, as the index of words takes them. */
  words(terms: readonly string[]): string;
  /**
   * Which notes have a word: one row, for many rows are far dearer. `docs` is a list of their numbers as JSON; `counts` says how often
   * each has it, and where it is absent, a note stands in the list as often as that.
   */
  postings(term: string): Statement;
  /** A subquery with the values of a list, which is given as one parameter. */
  texts(values: readonly string[]): Listed;
  numbers(values: readonly number[]): Listed;
  /** Bytes that a table takes on disk, with its indexes. */
  sizeOf(table: string): Statement;
  /** An expression: seconds since 1970 by the clock of the database, which is one for all who have it open. */
  readonly now: string;
  /** An expression: days since the day that a column holds. */
  since(column: string): string;
  /** The version of the tables since which replies have a day. */
  readonly daysSince: number;
}

/** Where the database compares vectors of notes: what it is asked for that. */
export interface VectorSearch {
  /** The numbers of the notes of a namespace that it could compare, once they are put in. Undefined where this role may not. */
  missing(namespace: string): Statement | undefined;
  /** Puts them in. */
  fill(seqs: Listed): Statement;
  /** The notes of a namespace behind one: `seq`, `length` and `embedder`, and the `vector` of those that it cannot compare. */
  notes(namespace: string, after: number): Statement;
  /** `seq` and `vector` of all notes that may be among the nearest, and of few others. */
  nearest(of: Nearest): Statement;
}

export interface Nearest {
  readonly namespace: string;
  readonly embedder: string;
  readonly query: Float32Array;
  /** The number of the last note to look at. */
  readonly last: number;
  /** How many. */
  readonly most: number;
  /** What is no nearer than this is not looked for. */
  readonly chance: number;
  /** By how much a number that the database computes may be off. */
  readonly error: number;
}

export interface Driver {
  /** Names the database in messages. No password is in it. */
  readonly file: string;
  readonly dialect: Dialect;
  /** Resolves when the database can be used: it is reached, and its tables are up to date. */
  ready(): Promise<void>;
  read(statement: Statement): Promise<readonly Row[]>;
  /**
   * Runs the statements in one transaction, in order. Resolves when they are on disk; rejects with nothing done. Statements whose
   * effect the transaction finds done already (its connection was lost when it ended) are not done twice.
   */
  write(statements: readonly Statement[]): Promise<void>;
  /** Absent, or resolves to nothing, where the process compares vectors. */
  vectors?(): Promise<VectorSearch | undefined>;
  /** Makes sure that nothing deleted before can be read from the database's files. */
  scrub(): Promise<void>;
  /** Gives the space of what was deleted back to the disk. */
  shrink(): Promise<void>;
  close(): Promise<void>;
}
