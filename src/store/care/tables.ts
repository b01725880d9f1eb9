/** What a store is made of, table by table: to count it, to measure it, and to move it. Notes are apart: their index is each database's own. */

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns that tell its rows apart. */
  readonly key: readonly string[];
}

export const NOTES: Table = { name: 'notes', columns: ['namespace', 'id', 'text', 'data'], key: ['seq'] };

/** Made from notes by the database, where it compares vectors. */
export const VECTORS = { name: 'notes_vectors' };

const SPENT = ['calls', 'tokens', 'usd'];
const RUN = ['name', 'task', 'formula', 'seed', 'status', 'settings', 'created', 'rule'];

export const TABLES: readonly Table[] = [
  { name: 'journal_rules', columns: ['rule'], key: ['rule'] },
  { name: 'journal', columns: ['key', 'entry', 'day'], key: ['key'] },
  { name: 'model_states', columns: ['model', 'state', 'begun', 'told', 'day'], key: ['model', 'state'] },
  {
    name: 'runs',
    columns: [...RUN, 'command', 'wish', 'paused', 'done', 'total', 'rate', ...SPENT, 'seen'],
    key: ['name'],
  },
  { name: 'items', columns: ['run', 'item', 'status', 'result'], key: ['run', 'item'] },
  {
    name: 'traces',
    columns: [
      'id',
      'run',
      'item',
      'owner',
      'trace',
      'created',
      'formula',
      'status',
      'ms',
      ...SPENT,
      'preview',
      'words',
    ],
    key: ['id'],
  },
  {
    name: 'feedback',
    columns: ['generation', 'score', 'comment', 'correction', 'created'],
    key: ['generation'],
  },
  { name: 'responses', columns: ['id', 'owner', 'previous', 'input', 'response', 'created'], key: ['id'] },
  { name: 'server_secrets', columns: ['name', 'value'], key: ['name'] },
  { name: 'server_keys', columns: ['id', 'name', 'hash', 'may', 'created', 'revoked'], key: ['id'] },
  { name: 'accounts', columns: ['key', 'period', 'requests', ...SPENT], key: ['key', 'period'] },
  { name: 'reservations', columns: ['id', 'key', 'day', 'month', ...SPENT, 'expires'], key: ['id'] },
];
