/** Runs that workers work on: made by their coordinator, paused, resumed and cancelled from any machine. */
import type { Amounts } from '../core/accounts/budget.ts';
import { ClusterError, textOf, type Database, type Row } from './database.ts';
import { amountsOf } from './limits/budget.ts';

export type SharedRunState = 'running' | 'paused' | 'cancelled' | 'stopped' | 'done';

export interface SharedRun {
  readonly name: string;
  /** Tells it from an earlier run of the same name. */
  readonly serial: number;
  /** What a worker needs to do its units. */
  readonly spec: string;
  /** Workers take from the runs of the highest priority first; those of one priority get equal shares. */
  readonly priority: number;
  readonly state: SharedRunState;
  readonly total: number;
}

/** How a run stands, for a person who watches it. */
export interface SharedRunProgress extends SharedRun {
  readonly done: number;
  /** Units set aside because they ended their workers. */
  readonly lost: number;
  /** Units a second, over the last ten seconds. */
  readonly rate: number;
  /** Seconds left at that rate; undefined where none is known. */
  readonly secondsLeft: number | undefined;
  /** What it has spent so far, where its budget is shared. What a worker held that is gone counts as spent. */
  readonly spent: Amounts | undefined;
  /** What its workers hold of the budget beside that: for calls in flight, and for their next ones. */
  readonly reserved: Amounts | undefined;
  readonly workers: readonly { readonly id: string; readonly place: string; readonly running: number }[];
  /** Why workers that are there do not work on it. */
  readonly declined: readonly { readonly id: string; readonly place: string; readonly why: string }[];
}

/** A worker that was silent so long is not counted. */
const SEEN = `seen > clock_timestamp() - interval '10 seconds'`;

/** Makes the run, or finds it again. What a run of that name is about cannot change. */
export async function openRun(
  database: Database,
  { name, spec, priority, total }: Pick<SharedRun, 'name' | 'spec' | 'priority' | 'total'>,
): Promise<SharedRun> {
  const [row] = await database.query(
    `INSERT INTO plusx_cluster.runs AS r (name, spec, priority, total) VALUES ($1, $2, $3, $4)
     ON CONFLICT (name) DO UPDATE SET priority = excluded.priority, changed = now(),
       state = CASE WHEN r.spec <> excluded.spec OR r.state IN ('paused') THEN r.state ELSE 'running' END,
       total = CASE WHEN r.spec <> excluded.spec THEN r.total ELSE excluded.total END
     RETURNING *`,
    [name, spec, priority, total],
  );
  const run = toRun(row as Row);
  if (run.spec === spec) return run;
  throw new ClusterError({
    kind: 'usage',
    problem: `Workers know a run ${JSON.stringify(name)} of something else`,
    hint: 'Give this one another name, or repeat the settings of the one that is there',
  });
}

export async function sharedRuns(database: Database): Promise<readonly SharedRun[]> {
  return (await database.query('SELECT * FROM plusx_cluster.runs ORDER BY created, name')).map(toRun);
}

/** The runs that workers may take from, the most urgent first. */
export async function runsToWorkOn(database: Database): Promise<readonly SharedRun[]> {
  const rows = await database.query(
    `SELECT * FROM plusx_cluster.runs WHERE state = 'running' ORDER BY priority DESC, created, name`,
  );
  return rows.map(toRun);
}

/** Where the state is one of `from`, it becomes `to`. Resolves to whether there is such a run, as it is then. */
export async function setSharedState(
  database: Database,
  name: string,
  to: SharedRunState,
  from: readonly SharedRunState[],
): Promise<SharedRun | undefined> {
  await database.query(
    'UPDATE plusx_cluster.runs SET state = $2, changed = now() WHERE name = $1 AND state = ANY($3)',
    [name, to, from],
  );
  const [row] = await database.query('SELECT * FROM plusx_cluster.runs WHERE name = $1', [name]);
  return row && toRun(row);
}

/** What a person may do to a run: from which states, and what it is then. */
export const SHARED_CHANGES = {
  pause: { to: 'paused', from: ['running'] },
  resume: { to: 'running', from: ['paused'] },
  cancel: { to: 'cancelled', from: ['running', 'paused', 'stopped'] },
} as const satisfies { readonly [change: string]: { to: SharedRunState; from: readonly SharedRunState[] } };

export type SharedChange = keyof typeof SHARED_CHANGES;

/** Does it, and resolves to the run as it is then; to undefined where workers have no such run. */
export async function changeSharedRun(
  database: Database,
  name: string,
  change: SharedChange,
): Promise<SharedRun | undefined> {
  const { to, from } = SHARED_CHANGES[change];
  const run = await setSharedState(database, name, to, from);
  if (run && run.state !== to)
    throw new ClusterError({
      kind: 'usage',
      problem: `Run ${JSON.stringify(name)} is ${run.state}, and only one that is ${from.join(' or ')} can be ${to}`,
      hint: run.state === 'done' ? 'It has all of its results' : 'The command that began it goes on where it was',
    });
  return run;
}

/** Deletes what workers shared for a run: it is over, and its results are kept elsewhere. */
export async function forgetRun(database: Database, name: string): Promise<void> {
  for (const table of ['results', 'suspects', 'declined'])
    await database.query(`DELETE FROM plusx_cluster.${table} WHERE run = $1`, [name]);
  await database.query(`DELETE FROM plusx_cluster.shares WHERE ${isOf('budget', '$1')}`, [name]);
  await database.query(`DELETE FROM plusx_cluster.budgets WHERE ${isOf('name', '$1')}`, [name]);
  await database.query('DELETE FROM plusx_cluster.runs WHERE name = $1', [name]);
}

/** Deletes what came of the units of a run, which stays: whoever goes on with it has all of them done again. */
export async function forgetResults(database: Database, name: string): Promise<void> {
  for (const table of ['results', 'suspects'])
    await database.query(`DELETE FROM plusx_cluster.${table} WHERE run = $1`, [name]);
}

/** The name of a budget that a part of a run has for itself, such as one curve of several. Part 0 has that of the run. */
export const budgetOf = (run: string, part: number): string => (part === 0 ? run : `${run}\n${part}`);

const isOf = (budget: string, run: string): string =>
  `(${budget} = ${run} OR starts_with(${budget}, ${run} || E'\\n'))`;

export async function progressOf(database: Database, name: string): Promise<SharedRunProgress | undefined> {
  const [row] = await database.query(
    `SELECT r.*, (SELECT count(*) FROM plusx_cluster.results WHERE run = r.name) AS done,
       (SELECT count(*) FROM plusx_cluster.results WHERE run = r.name AND status = 'lost') AS lost,
       (SELECT count(*) FROM plusx_cluster.results WHERE run = r.name
         AND at > greatest(clock_timestamp() - interval '10 seconds', r.changed)) AS recent,
       least(10, greatest(0.1, extract(epoch FROM clock_timestamp() - r.changed))) AS seconds,
       (SELECT json_build_object('calls', sum(calls), 'tokens', sum(tokens), 'usd', sum(usd))
         FROM plusx_cluster.budgets AS b WHERE ${isOf('b.name', 'r.name')} HAVING count(*) > 0) AS held,
       (SELECT json_build_object('calls', sum(calls - spent_calls), 'tokens', sum(tokens - spent_tokens),
         'usd', sum(usd - spent_usd)) FROM plusx_cluster.shares AS s
         WHERE ${isOf('s.budget', 'r.name')} AND until > clock_timestamp()) AS reserved,
       (SELECT json_agg(json_build_object('id', id, 'place', place, 'running', running) ORDER BY place, id)
         FROM plusx_cluster.workers WHERE ${SEEN}) AS workers,
       (SELECT json_agg(json_build_object('id', id, 'place', place, 'why', why) ORDER BY place) FROM plusx_cluster.declined AS d
         JOIN plusx_cluster.workers AS w ON w.id = d.worker WHERE d.run = r.name AND ${SEEN}) AS declined
     FROM plusx_cluster.runs AS r WHERE name = $1`,
    [name],
  );
  if (!row) return undefined;
  const run = toRun(row);
  const done = Number(row['done']);
  const rate = Number(row['recent']) / Number(row['seconds']);
  const held = (row['held'] ?? undefined) as Amounts | undefined;
  const inHand = row['reserved'] as { readonly [amount in keyof Amounts]: number | null };
  // Sums of dollars are no round numbers.
  const reserved = held && amountsOf((of) => (held[of] === 0 ? 0 : Math.min(held[of], Math.max(0, inHand[of] ?? 0))));
  const isMoving = run.state === 'running' && rate > 0;
  return {
    ...run,
    done,
    lost: Number(row['lost']),
    rate,
    secondsLeft: isMoving ? (run.total - done) / rate : undefined,
    spent: held && reserved && amountsOf((of) => held[of] - reserved[of]),
    reserved,
    workers: (row['workers'] ?? []) as SharedRunProgress['workers'],
    declined: (row['declined'] ?? []) as SharedRunProgress['declined'],
  };
}

function toRun(row: Row): SharedRun {
  return {
    name: textOf(row['name']),
    serial: Number(row['serial']),
    spec: textOf(row['spec']),
    priority: Number(row['priority']),
    state: textOf(row['state']) as SharedRunState,
    total: Number(row['total']),
  };
}
