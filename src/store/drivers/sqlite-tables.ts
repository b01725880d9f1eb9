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
  [
    'DROP TABLE memory', // values by key, which nothing wrote to: notes that can be found take their place
    `CREATE TABLE notes (
       seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, id TEXT NOT NULL,
       text TEXT NOT NULL, data TEXT, words TEXT NOT NULL, length INTEGER NOT NULL,
       embedder TEXT NOT NULL, vector BLOB NOT NULL, UNIQUE (namespace, id))`,
    'CREATE INDEX notes_in_order ON notes (namespace)',
    // A namespace gets a new number when it is begun anew, and `removed` counts what was deleted or replaced in it: while both stay, notes were only added.
    `CREATE TABLE namespaces (
       number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, notes INTEGER NOT NULL, removed INTEGER NOT NULL)`,
    "CREATE VIRTUAL TABLE notes_words USING fts5 (words, content='notes', content_rowid='seq', columnsize=0, tokenize='ascii')",
    // Deleted words leave the index at once, and not when its segments are merged some day.
    "INSERT INTO notes_words (notes_words, rank) VALUES ('secure-delete', 1)",
    'CREATE VIRTUAL TABLE notes_index USING fts5vocab (notes_words, instance)',
    `CREATE TRIGGER note_added AFTER INSERT ON notes BEGIN
       INSERT INTO notes_words (rowid, words) VALUES (new.seq, new.words);
       INSERT INTO namespaces (name, notes, removed) VALUES (new.namespace, 1, 0)
         ON CONFLICT (name) DO UPDATE SET notes = notes + 1;
     END`,
    `CREATE TRIGGER note_replaced AFTER UPDATE ON notes BEGIN
       INSERT INTO notes_words (notes_words, rowid, words) VALUES ('delete', old.seq, old.words);
       INSERT INTO notes_words (rowid, words) VALUES (new.seq, new.words);
       UPDATE namespaces SET removed = removed + 1 WHERE name = new.namespace;
     END`,
    `CREATE TRIGGER note_removed AFTER DELETE ON notes BEGIN
       INSERT INTO notes_words (notes_words, rowid, words) VALUES ('delete', old.seq, old.words);
       UPDATE namespaces SET notes = notes - 1, removed = removed + 1 WHERE name = old.namespace;
       DELETE FROM namespaces WHERE name = old.namespace AND notes = 0;
     END`,
  ],
  [
    // By which rule draws are addressed, and so keyed: with another one no reply here would be found, and each would be paid again.
    'CREATE TABLE journal_rules (rule INTEGER NOT NULL PRIMARY KEY)',
    'INSERT INTO journal_rules (rule) SELECT 1 WHERE EXISTS (SELECT 1 FROM journal)',
    'ALTER TABLE runs ADD COLUMN rule INTEGER NOT NULL DEFAULT 1',
  ],
  [
    // Keys of a server's clients, what they spent in each period, and what their requests under way may still take.
    'CREATE TABLE server_secrets (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)',
    `CREATE TABLE server_keys (
       id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, may TEXT NOT NULL,
       created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, revoked INTEGER NOT NULL)`,
    `CREATE TABLE accounts (
       key TEXT NOT NULL, period TEXT NOT NULL, requests INTEGER NOT NULL,
       calls REAL NOT NULL, tokens REAL NOT NULL, usd REAL NOT NULL, PRIMARY KEY (key, period))`,
    `CREATE TABLE reservations (
       id TEXT NOT NULL PRIMARY KEY, key TEXT NOT NULL, day TEXT NOT NULL, month TEXT NOT NULL,
       calls REAL NOT NULL, tokens REAL NOT NULL, usd REAL NOT NULL, expires REAL NOT NULL)`,
    'CREATE INDEX reservations_of_key ON reservations (key)',
  ],
  [
    // Whose request a trace is of: the key that asked.
    'ALTER TABLE traces ADD COLUMN owner TEXT',
  ],
  [
    // What clients think of answers, by the id of the trace.
    `CREATE TABLE feedback (
       generation TEXT NOT NULL PRIMARY KEY, score REAL, comment TEXT, correction TEXT,
       created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)`,
  ],
  [
    // What a list of traces shows and what they are found by, without reading their trees. Older ones have none of it.
    'ALTER TABLE traces ADD COLUMN formula TEXT',
    'ALTER TABLE traces ADD COLUMN status TEXT',
    'ALTER TABLE traces ADD COLUMN ms REAL',
    'ALTER TABLE traces ADD COLUMN calls INTEGER',
    'ALTER TABLE traces ADD COLUMN tokens REAL',
    'ALTER TABLE traces ADD COLUMN usd REAL',
    'ALTER TABLE traces ADD COLUMN preview TEXT',
    'ALTER TABLE traces ADD COLUMN words TEXT',
    'CREATE INDEX traces_by_time ON traces (created, id)',
  ],
  [
    // The day on which a reply was kept, so that old ones can go.
    'ALTER TABLE journal ADD COLUMN day TEXT',
  ],
  [
    // What clients of a server asked and were answered, to be gone on from.
    `CREATE TABLE responses (
       id TEXT NOT NULL PRIMARY KEY, owner TEXT, previous TEXT, input TEXT NOT NULL, response TEXT NOT NULL,
       created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)`,
  ],
  [
    // How far a run is, by the process that works on it, when that was last heard of, and what others ask of it.
    'ALTER TABLE runs ADD COLUMN command TEXT',
    'ALTER TABLE runs ADD COLUMN wish TEXT',
    'ALTER TABLE runs ADD COLUMN paused INTEGER',
    'ALTER TABLE runs ADD COLUMN done INTEGER',
    'ALTER TABLE runs ADD COLUMN total INTEGER',
    'ALTER TABLE runs ADD COLUMN rate REAL',
    'ALTER TABLE runs ADD COLUMN calls INTEGER',
    'ALTER TABLE runs ADD COLUMN tokens REAL',
    'ALTER TABLE runs ADD COLUMN usd REAL',
    'ALTER TABLE runs ADD COLUMN seen REAL',
  ],
  [
    // In which states the models behind names were, by the hash of each name: which replies told of them first and last.
    `CREATE TABLE model_states (
       model BLOB NOT NULL, state TEXT NOT NULL, begun INTEGER NOT NULL, told INTEGER NOT NULL, day TEXT NOT NULL,
       PRIMARY KEY (model, state))`,
  ],
];

export const SCHEMA_VERSION = MIGRATIONS.length;
