/**
 * A process that does units of any run that it can do. It takes from the most urgent runs first, and from those of one priority in
 * turn. What it has done is written before the job is deleted, so a unit may be done twice, and has one result. A unit that was there
 * when two workers ended is started alone: where it ends a third, it is set aside, and nothing else with it.
 */
import { pause, type Database } from './database.ts';
import { HOLD_EVERY_MS, type Claim, type Queue } from './queue.ts';
import { runsToWorkOn, type SharedRun } from './runs.ts';

/** Does a unit of a run, and resolves to its result: a text of the run's own. Rejects where it cannot be done here and now, and why. */
export type UnitWork = (unit: string, signal: AbortSignal) => Promise<string>;

/** A run that this worker can do. */
export interface Accepted {
  readonly work: UnitWork;
  /** Its units may be few and long: they are taken one by one, so that workers get equal shares of them. */
  readonly isCoarse?: boolean | undefined;
  /** Lets go of what the run needed. */
  close(): Promise<void>;
}

export interface WorkerOptions {
  /** Its name among workers: another one each time a worker starts. */
  readonly id: string;
  /** Where it runs, for people. */
  readonly place: string;
  /** Units in flight at one time. Default 8. */
  readonly concurrency?: number | undefined;
  /** Gets ready for a run. Throws where it cannot be done here: the message says why. */
  readonly accept: (run: SharedRun) => Promise<Accepted>;
  /** Ends it: nothing more is taken, what runs is finished. */
  readonly signal: AbortSignal;
  /** Milliseconds that what runs may still take then. Default 30,000. */
  readonly drainMs?: number | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

export type WorkerEvent =
  | { readonly kind: 'accepted' | 'over'; readonly run: string }
  | { readonly kind: 'declined'; readonly run: string; readonly why: string }
  | { readonly kind: 'lost'; readonly run: string; readonly unit: string }
  /** The database refuses what it is asked: the worker goes on asking. */
  | { readonly kind: 'waits'; readonly why: string };

/** A unit that was with so many workers when they ended is suspected of it. */
const SUSPECTED_AFTER = 2;
const LOOK_EVERY_MS = 500;
const DECLINED_FOR_MS = 60_000;
/** A run whose units fail here rests for so long, then twice as long; after each rest one unit is tried. */
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 300_000;
const IDLE_MS = 100;
/** Short units are taken ahead, as many as last so long; of long ones none is. */
const AHEAD_MS = 250;
const MOST_AHEAD = 128;

interface Known {
  run: SharedRun;
  /** Undefined where it was declined. */
  readonly accepted: Accepted | undefined;
  readonly since: number;
  readonly stop: AbortController;
  /** Of all its units: the run is over, or the worker ends. */
  readonly signal: AbortSignal;
  /** Units taken of it: the run with the fewest is served next. */
  taken: number;
  /** How often it has rested since a unit was last done, and until when it does. */
  rests: number;
  restsUntil: number;
  /** When the next of its units may be taken, where they are taken one by one. */
  nextAt: number;
}

interface Finished {
  readonly claim: Claim;
  /** Of the run as it was taken: a result of a run that is over is no result of another of its name. */
  readonly serial: number;
  readonly status: 'done' | 'lost';
  readonly result: string;
}

/** Works until the signal ends it. */
export async function work(
  database: Database,
  queue: Queue,
  { id, place, concurrency = 8, accept, signal, drainMs = 30_000, onEvent }: WorkerOptions,
): Promise<void> {
  const known = new Map<string, Known>();
  const ahead: Claim[] = [];
  const suspects: Claim[] = [];
  const running = new Map<Claim, Promise<void>>();
  let finished: Finished[] = [];
  let writing = Promise.resolve();
  let isWriting = false;
  let done = 0;
  /** Milliseconds a unit takes, of late. */
  let unitMs = AHEAD_MS;
  let wake = (): void => undefined;
  const said = { why: '', at: -Infinity };
  /** Says now and then what the database says again and again. */
  const waits = (error: unknown): void => {
    const why = reasonOf(error);
    if (why === said.why && performance.now() - said.at < DECLINED_FOR_MS) return;
    Object.assign(said, { why, at: performance.now() });
    onEvent?.({ kind: 'waits', why });
  };
  const persist = (write: () => Promise<unknown>): Promise<void> => forever(write, waits);

  /** Results are written together: those that come while one statement runs are in the next. */
  const write = (): void => {
    wake();
    if (isWriting || finished.length === 0) return;
    isWriting = true;
    writing = (async () => {
      while (finished.length > 0) {
        const batch = finished;
        finished = [];
        const column = (of: (one: Finished) => string): string[] => batch.map(of);
        await persist(() =>
          database.query(SAVE, [
            column(({ claim }) => claim.run),
            column(({ claim }) => claim.unit),
            column(({ status }) => status),
            column(({ result }) => result),
            batch.map(({ serial }) => serial),
            id,
          ]),
        );
        const claims = batch.map(({ claim }) => claim);
        await persist(() => queue.remove(claims));
        done += batch.length;
        wake();
      }
    })().finally(() => (isWriting = false));
  };

  const start = (claim: Claim): void => {
    const own = known.get(claim.run);
    if (!own?.accepted || isResting(own)) return void persist(() => queue.putBack([claim]));
    const began = performance.now();
    const { accepted, stop, signal: all } = own;
    const finish = (status: Finished['status'], result: string): void => {
      unitMs = 0.9 * unitMs + 0.1 * (performance.now() - began);
      finished.push({ claim, serial: own.run.serial, status, result });
    };
    const task = (async () => {
      const isSuspect = claim.losses >= SUSPECTED_AFTER;
      try {
        if (isSuspect && (await startsAlone(database, claim)) > 1) {
          finish('lost', JSON.stringify({ workers: claim.losses }));
          onEvent?.({ kind: 'lost', run: claim.run, unit: claim.unit });
        } else {
          finish('done', await accepted.work(claim.unit, all));
          if (own.rests > 0) await recover(own);
        }
      } catch (error) {
        // Work says itself what went wrong with a unit. What it throws is that it could not be done here, or is no longer wanted.
        if (stop.signal.aborted) {
          // Whoever goes on with the run need not wait until it is missed. Where this fails, it is missed in ten seconds.
          await queue.remove([claim]).catch(() => undefined);
          return;
        }
        if (!all.aborted) await rest(own, error);
        await persist(() => queue.putBack([claim]));
      }
    })();
    running.set(
      claim,
      task.finally(() => {
        running.delete(claim);
        write();
      }),
    );
  };

  /** Leaves a run to others for a while, which may be spared what happens here. */
  const rest = async (own: Known, error: unknown): Promise<void> => {
    if (isResting(own)) return;
    const why = reasonOf(error);
    own.restsUntil = performance.now() + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** own.rests++);
    onEvent?.({ kind: 'declined', run: own.run.name, why });
    await database.query(DECLINE, [own.run.name, id, why]).catch(() => undefined); // the same may be wrong there
  };
  const recover = async (own: Known): Promise<void> => {
    own.rests = 0;
    await database.query(ACCEPT, [own.run.name, id]).catch(() => undefined); // the coordinator only says it
  };

  /** Starts what may start: suspects only alone. */
  const startAll = (): void => {
    while (ahead.length > 0 && running.size < concurrency) start(ahead.shift() as Claim);
    const suspect = running.size === 0 && ahead.length === 0 ? suspects.shift() : undefined;
    if (suspect) start(suspect);
  };

  const look = async (): Promise<void> => {
    const runs = await runsToWorkOn(database);
    const serials = new Map(runs.map(({ name, serial }) => [name, serial]));
    for (const [name, own] of known) {
      // One that was cancelled here is over, though somebody goes on with it already: it is got ready anew.
      if (serials.get(name) === own.run.serial && !own.stop.signal.aborted) continue;
      const isHere = [...running.keys()].some(({ run }) => run === name);
      if ((await cancelled(database, name)) && !own.stop.signal.aborted) own.stop.abort(new Error('no longer wanted'));
      if (isHere) continue;
      known.delete(name);
      await own.accepted?.close();
      onEvent?.({ kind: 'over', run: name });
    }
    for (const run of runs) {
      const own = known.get(run.name);
      const isTriedAgain = own && !own.accepted && performance.now() - own.since > DECLINED_FOR_MS;
      if (own && !isTriedAgain) {
        own.run = run;
        continue;
      }
      const taken = Math.min(...[...known.values()].map(({ taken }) => taken), Infinity);
      const stop = new AbortController();
      const fresh = {
        run,
        since: performance.now(),
        stop,
        signal: AbortSignal.any([stop.signal, killed.signal]),
        taken: taken === Infinity ? 0 : taken,
        rests: 0,
        restsUntil: -Infinity,
        nextAt: -Infinity,
      };
      try {
        known.set(run.name, { ...fresh, accepted: await accept(run) });
        await database.query(ACCEPT, [run.name, id]);
        onEvent?.({ kind: 'accepted', run: run.name });
      } catch (error) {
        const why = reasonOf(error);
        known.set(run.name, { ...fresh, accepted: undefined });
        await database.query(DECLINE, [run.name, id, why]);
        onEvent?.({ kind: 'declined', run: run.name, why });
      }
    }
  };

  /** Takes units until there is enough ahead. Resolves to how many it got. */
  const take = async (): Promise<number> => {
    if (suspects.length > 0) return 0;
    const wanted = Math.min(MOST_AHEAD, Math.floor((concurrency * AHEAD_MS) / Math.max(1, unitMs)));
    let got = 0;
    const order = [...known.values()]
      .filter(({ accepted, stop }) => accepted && !stop.signal.aborted)
      .toSorted((a, b) => b.run.priority - a.run.priority || a.taken - b.taken);
    for (const own of order) {
      const isTrying = own.rests > 0;
      const isCoarse = own.accepted?.isCoarse === true;
      if (isCoarse && (running.size + ahead.length >= concurrency || performance.now() < own.nextAt)) continue;
      if (isResting(own) || (isTrying && [...running.keys(), ...ahead].some(({ run }) => run === own.run.name)))
        continue;
      const free = concurrency - running.size + Math.max(0, wanted) - ahead.length;
      const room = isTrying || isCoarse ? Math.min(1, free) : free;
      // One statement for several units where they are short; else one for each place that is free.
      if (room <= 0 || (ahead.length > 0 && free < wanted / 4)) break;
      const claims = await queue.take(own.run.name, room).catch((error: unknown) => {
        if (/does not exist/.test(String(error))) return []; // the run is just over
        throw error;
      });
      own.taken += claims.length;
      if (isCoarse) own.nextAt = performance.now() + (running.size > 0 ? IDLE_MS : IDLE_MS / 2);
      got += claims.length;
      const open = await notDone(own.run.name, claims);
      for (const claim of open) (claim.losses >= SUSPECTED_AFTER ? suspects : ahead).push(claim);
      if (suspects.length > 0) break;
    }
    return got;
  };

  /** Without those that have a result: they were offered again by a coordinator that could not know it yet. */
  const notDone = async (run: string, claims: readonly Claim[]): Promise<readonly Claim[]> => {
    if (claims.length === 0) return claims;
    const rows = await database.query('SELECT unit FROM plusx_cluster.results WHERE run = $1 AND unit = ANY($2)', [
      run,
      claims.map(({ unit }) => unit),
    ]);
    const done = new Set(rows.map(({ unit }) => unit));
    await queue.remove(claims.filter(({ unit }) => done.has(unit)));
    return claims.filter(({ unit }) => !done.has(unit));
  };

  const killed = new AbortController();
  const beat = async (): Promise<void> => {
    await queue.hold([...running.keys(), ...ahead, ...suspects, ...finished.map(({ claim }) => claim)]);
    await database.query(SEEN, [id, place, running.size, done]);
  };
  let beating = Promise.resolve();
  signal.addEventListener('abort', () => wake(), { once: true });
  const timer = setInterval(() => {
    beating = beat().catch(() => undefined);
  }, HOLD_EVERY_MS);

  try {
    await beat();
    for (let looked = -Infinity; !signal.aborted;) {
      try {
        if (performance.now() - looked > LOOK_EVERY_MS) {
          await look();
          looked = performance.now();
        }
        const got = finished.length < 4 * MOST_AHEAD ? await take() : 0;
        startAll();
        const isFull = running.size >= concurrency || finished.length >= 4 * MOST_AHEAD;
        if (got > 0 && !isFull) continue;
      } catch (error) {
        waits(error);
        await pause(LOOK_EVERY_MS); // it is asked again until it does
        continue;
      }
      await new Promise<void>((resolve) => {
        const end = setTimeout(resolve, IDLE_MS);
        wake = () => {
          clearTimeout(end);
          resolve();
        };
      });
    }
    const back = [...ahead.splice(0), ...suspects.splice(0)];
    await queue.putBack(back).catch(() => undefined); // else they are another worker's in ten seconds
    const late = setTimeout(() => killed.abort(new Error('the worker ends')), drainMs);
    await Promise.all(running.values());
    clearTimeout(late);
    write();
    await writing;
  } finally {
    clearInterval(timer);
    await beating;
    for (const { accepted } of known.values()) await accepted?.close().catch(() => undefined);
    await database.query('DELETE FROM plusx_cluster.workers WHERE id = $1', [id]).catch(() => undefined);
  }
}

const isResting = ({ restsUntil }: Known): boolean => performance.now() < restsUntil;

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 500);

/** Tries until it is done: what was worked out is not given up because the server is away. */
async function forever(write: () => Promise<unknown>, onError: (error: unknown) => void): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      onError(error);
      await pause(LOOK_EVERY_MS);
    }
  }
}

/** How often the unit has been started alone, this time included. */
async function startsAlone(database: Database, { run, unit }: Claim): Promise<number> {
  const [row] = await database.query(
    `INSERT INTO plusx_cluster.suspects AS s VALUES ($1, $2, 1)
     ON CONFLICT (run, unit) DO UPDATE SET started = s.started + 1 RETURNING started`,
    [run, unit],
  );
  return Number(row?.['started']);
}

async function cancelled(database: Database, run: string): Promise<boolean> {
  const [row] = await database.query('SELECT state FROM plusx_cluster.runs WHERE name = $1', [run]);
  return row?.['state'] === 'cancelled';
}

const SAVE = `
INSERT INTO plusx_cluster.results (run, unit, status, result, worker)
SELECT run, unit, t.status, t.result, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS t (run, unit, status, result, serial)
JOIN plusx_cluster.runs AS r ON r.name = t.run AND r.serial = t.serial
ON CONFLICT (run, unit) DO NOTHING`;

const DECLINE = `
INSERT INTO plusx_cluster.declined VALUES ($1, $2, $3) ON CONFLICT (run, worker) DO UPDATE SET why = excluded.why`;

const ACCEPT = 'DELETE FROM plusx_cluster.declined WHERE run = $1 AND worker = $2';

const SEEN = `
INSERT INTO plusx_cluster.workers (id, place, running, done) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET running = excluded.running, done = excluded.done, seen = clock_timestamp()`;
