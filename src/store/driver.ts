/** What a database must do for the store. SQLite does it in `sqlite.ts`; the interface is asynchronous for servers. */

export type Value = string | number | null | Uint8Array;
export type Row = { readonly [column: string]: Value };

/** SQL in the subset that SQLite and Postgres share, `?` for each parameter. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly Value[];
}

export interface Driver {
  /** Names the database in messages. */
  readonly file: string;
  read(statement: Statement): Promise<readonly Row[]>;
  /** Runs the statements in one transaction, in order. Resolves when they are on disk; rejects with nothing done. */
  write(statements: readonly Statement[]): Promise<void>;
  /** Makes sure that nothing deleted before can be read from the database's files. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}
