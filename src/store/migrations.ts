/** The tables, as a list of steps: step k takes a database of version k to version k + 1. Released steps never change. */

export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // The rows lie in the order of writing and only the index is in the order of the hash: several times faster than one tree of both.
    'CREATE TABLE journal (key BLOB NOT NULL PRIMARY KEY, entry TEXT NOT NULL)',
    `CREATE TABLE runs (
       name TEXT NOT NULL PRIMARY KEY, task TEXT NOT NULL, formula TEXT NOT NULL, seed TEXT NOT NULL,
       status TEXT NOT NULL, settings TEXT NOT NULL, created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)`,
    `CREATE TABLE items (
       run TEXT NOT NULL, item TEXT NOT NULL,
       status TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (run, item))`,
    `CREATE TABLE traces (
       id TEXT NOT NULL PRIMARY KEY, run TEXT, item TEXT,
       trace TEXT NOT NULL, created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)`,
    'CREATE INDEX traces_of_run ON traces (run, item)',
    `CREATE TABLE memory (
       namespace TEXT NOT NULL, key TEXT NOT NULL, note TEXT NOT NULL,
       updated TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (namespace, key))`,
  ],
];

export const SCHEMA_VERSION = MIGRATIONS.length;
