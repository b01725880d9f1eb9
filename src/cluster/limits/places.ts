/**
 * How many calls a provider gets at one time, over all workers: a row for each place, lent to a process until a time. A process goes
 * on with the places it has while calls wait for them, and gives them back where others wait or nothing does. The places of a process
 * that died are free when their time is over.
 */
import { onAbort } from '../../core/context/abort.ts';
import { pause, type Database } from '../database.ts';
import { inTurn } from './in-turn.ts';

export interface SharedPlaces {
  /** Waits for a place. Rejects with the signal's reason when it aborts. */
  enter(signal: AbortSignal): Promise<Place>;
  /** Gives back all that is free. */
  close(): Promise<void>;
}

export interface Place {
  /** Safe to call twice. */
  leave(): void;
}

export interface SharedPlacesOptions {
  /** What is limited: a provider's host. */
  readonly name: string;
  readonly holder: string;
  /** Places in all. Where processes differ, the smallest number holds for each that says it. */
  readonly most: number;
  /** Milliseconds until the places of a silent process are free. Default 10,000. */
  readonly leaseMs?: number | undefined;
}

const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 100;
/** How long a process that has places lets others go first, where some wait. */
const COURTESY_MS = 150;

export async function sharedPlaces(
  database: Database,
  { name, holder, most, leaseMs = 10_000 }: SharedPlacesOptions,
): Promise<SharedPlaces> {
  await database.query(OPEN, [name, most]);
  /** Places of this process that nobody uses, and those in use. */
  let free: number[] = [];
  const used = new Set<number>();
  const line: ((place: number | Error) => void)[] = [];
  /** Until when the places are surely ours. */
  let surely = 0;
  /** Whether another process waits for a place: then none is used twice in a row. */
  let contended = false;
  let asking = false;
  const stopped = new AbortController();
  const turn = inTurn();

  const handOut = (): void => {
    while (line.length > 0 && free.length > 0 && performance.now() < surely) {
      const place = free.pop() as number;
      used.add(place);
      line.shift()?.(place);
    }
  };

  const serve = async (): Promise<void> => {
    let wait = FIRST_WAIT_MS;
    if (contended && used.size > 0) await pause(COURTESY_MS);
    while (line.length > 0 && !stopped.signal.aborted) {
      const asked = performance.now();
      const rows = await turn(() => database.query(TAKE, [name, holder, most, line.length, leaseMs]));
      if (rows.length < line.length) await database.query(WAIT, [name, holder]);
      if (rows.length > 0) {
        if (free.length + used.size === 0) surely = asked + leaseMs;
        free.push(...rows.map((row) => Number(row['place'])));
        wait = FIRST_WAIT_MS;
      }
      handOut();
      if (line.length === 0) break;
      await pause(wait);
      wait = Math.min(LONGEST_WAIT_MS, 2 * wait);
      handOut();
    }
  };
  const ask = (): void => {
    if (asking || line.length === 0) return;
    asking = true;
    void serve()
      .catch((error: unknown) => {
        for (const waiter of line.splice(0)) waiter(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => (asking = false));
  };

  const giveBack = async (): Promise<void> => {
    const back = free;
    free = [];
    if (back.length > 0) await turn(() => database.query(LEAVE, [name, holder, back]));
  };

  /** Lives on. Where the lease ran out meanwhile, the places are no longer ours: calls in flight end, and nothing begins on them. */
  const beat = async (): Promise<void> => {
    if (line.length === 0) await giveBack();
    if (used.size + free.length === 0) return;
    const asked = performance.now();
    const rows = await turn(() => database.query(RENEW, [name, holder, leaseMs]));
    const ours = new Set(rows.map((row) => Number(row['place'])));
    free = free.filter((place) => ours.has(place));
    for (const place of used) if (!ours.has(place)) used.delete(place);
    surely = asked + leaseMs;
    contended = rows[0]?.['contended'] === true;
  };
  const timer = setInterval(() => void beat().catch(() => undefined), leaseMs / 5);
  timer.unref();

  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const entered = (place: number | Error): void => {
          stay?.();
          if (place instanceof Error) return reject(place);
          resolve({
            leave() {
              if (!used.delete(place)) return;
              free.push(place);
              if (!contended) handOut();
              if (contended || line.length === 0) void giveBack().catch(() => undefined);
              ask();
            },
          });
        };
        line.push(entered);
        const stay = onAbort(signal, () => {
          line.splice(line.indexOf(entered), 1);
          reject(signal.reason);
        });
        handOut();
        ask();
      }),
    async close() {
      stopped.abort();
      clearInterval(timer);
      await giveBack();
      await turn(() => Promise.resolve()); // what was being given back has been
    },
  };
}

const OPEN = `INSERT INTO plusx_cluster.places (name, place) SELECT $1, generate_series(0, $2::int) ON CONFLICT DO NOTHING`;

const TAKE = `
UPDATE plusx_cluster.places SET holder = $2, until = clock_timestamp() + $5::float8 * interval '1 millisecond'
WHERE name = $1 AND place IN (
  SELECT place FROM plusx_cluster.places WHERE name = $1 AND place BETWEEN 1 AND $3::int
    AND (holder IS NULL OR until < clock_timestamp()) ORDER BY place LIMIT $4::int FOR UPDATE SKIP LOCKED
) RETURNING place`;

const LEAVE = `UPDATE plusx_cluster.places SET holder = NULL WHERE name = $1 AND holder = $2 AND place = ANY($3::int[])`;

/** Row 0 is no place: it says who waited last. */
const WAIT = `
UPDATE plusx_cluster.places SET holder = $2, until = clock_timestamp() + interval '3 seconds' WHERE name = $1 AND place = 0`;

const RENEW = `
UPDATE plusx_cluster.places AS p SET until = clock_timestamp() + $3::float8 * interval '1 millisecond'
WHERE name = $1 AND holder = $2 AND place > 0 RETURNING place,
  EXISTS (SELECT 1 FROM plusx_cluster.places AS w
    WHERE w.name = $1 AND w.place = 0 AND w.holder <> $2 AND w.until > clock_timestamp()) AS contended`;
