/** Runs that a process works on: it says how far it is, and hears what others ask of it. Who looks may be in another process. */
import { checkName } from '../../core/host/names.ts';
import type { Driver, Row, Value } from '../driver.ts';
import type { Writer } from '../group-commit.ts';

/** What is asked of the process that works on a run. */
export type RunWish = 'running' | 'paused' | 'cancelled';

/** What that process says of it, about once a second. */
export interface Pulse {
  /** It rests because it was asked to. */
  readonly paused: boolean;
  readonly done: number;
  /** Nothing where it is not known. */
  readonly total: number | undefined;
  /** Done a second, of late. */
  readonly rate: number;
  readonly calls: number;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
}

export interface RunProgress extends Pulse {
  readonly run: string;
  readonly wish: RunWish;
  /** What goes on with the run where no process works on it. */
  readonly command: string | undefined;
  /** Seconds since the process was last heard of. */
  readonly silentSeconds: number;
}

export interface RunWork {
  /** A process begins to work on the run, or goes on with it: what was asked before no longer counts. */
  begin(name: string, of: { readonly command?: string | undefined }): Promise<void>;
  /** Says how far it is. Resolves to what is asked of the process. */
  pulse(name: string, pulse: Pulse): Promise<RunWish>;
  /** Asks something of whatever process works on the run: it hears of it with its next pulse. */
  ask(name: string, wish: RunWish): Promise<void>;
  /** Of all runs that a process ever worked on, or of the one that is named. */
  progress(name?: string): Promise<readonly RunProgress[]>;
}

export function storedWork(driver: Driver, writer: Writer): RunWork {
  const { now } = driver.dialect;
  const update = async (name: string, set: string, params: readonly Value[]): Promise<void> => {
    checkName('runs', 'name', name);
    await writer.add({ sql: `UPDATE runs SET ${set} WHERE name = ?`, params: [...params, name] });
  };
  return {
    begin: (name, { command }) =>
      update(
        name,
        `status = 'running', wish = 'running', command = ?, paused = 0, done = 0, total = NULL, rate = 0, calls = 0,
         tokens = NULL, usd = NULL, seen = ${now}`,
        [command ?? null],
      ),
    async pulse(name, { paused, done, total, rate, calls, tokens, usd }) {
      await update(name, `paused = ?, done = ?, total = ?, rate = ?, calls = ?, tokens = ?, usd = ?, seen = ${now}`, [
        paused ? 1 : 0,
        done,
        total ?? null,
        rate,
        calls,
        tokens ?? null,
        usd ?? null,
      ]);
      const [row] = await driver.read({ sql: 'SELECT wish FROM runs WHERE name = ?', params: [name] });
      return wishIn(row);
    },
    ask: (name, wish) => update(name, 'wish = ?', [wish]),
    async progress(name) {
      if (name !== undefined) checkName('runs', 'name', name);
      await writer.flush();
      const rows = await driver.read({
        sql: `SELECT name, wish, command, paused, done, total, rate, calls, tokens, usd, ${now} - seen AS silent FROM runs
              WHERE seen IS NOT NULL${name === undefined ? ' ORDER BY name' : ' AND name = ?'}`,
        params: name === undefined ? [] : [name],
      });
      return rows.map(toProgress);
    },
  };
}

const wishIn = (row: Row | undefined): RunWish =>
  row?.['wish'] === 'paused' || row?.['wish'] === 'cancelled' ? row['wish'] : 'running';

function toProgress(row: Row): RunProgress {
  const number = (name: string): number | undefined => {
    const value = row[name] ?? null;
    return value === null ? undefined : Number(value);
  };
  const command = row['command'] ?? null;
  return {
    run: String(row['name']),
    wish: wishIn(row),
    command: command === null ? undefined : String(command),
    paused: Number(row['paused']) === 1,
    done: number('done') ?? 0,
    total: number('total'),
    rate: number('rate') ?? 0,
    calls: number('calls') ?? 0,
    tokens: number('tokens'),
    usd: number('usd'),
    silentSeconds: Math.max(0, number('silent') ?? 0),
  };
}
