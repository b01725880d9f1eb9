/**
 * A provider's rate limit over all workers: starts of calls are spaced, so that no second sees more of them than the limit says. The
 * next start is one row, moved on by one statement (the generic cell rate algorithm with a burst of one). A process whose timer comes
 * late gives its start up and takes another: late starts would come close together.
 */
import { sleepUntil } from './sleep.ts';
import type { Database } from '../database.ts';

export interface SharedRate {
  /** Waits for a start of one's own. Rejects with the signal's reason when it aborts. */
  start(signal: AbortSignal): Promise<void>;
}

export interface SharedRateOptions {
  /** What is limited: a provider's host. */
  readonly name: string;
  readonly perSecond: number;
  /**
   * Milliseconds a start may be late, on its way included. Starts are so much further apart in sum, that a second holds no more of
   * them even so. Default 50: 5% fewer starts than the limit allows.
   */
  readonly slackMs?: number | undefined;
}

/** Starts taken at once where several wait: no more than a quarter of a second's. */
const SHARE_OF_SECOND = 0.25;

interface Start {
  readonly earliest: number;
  readonly latest: number;
}

export function sharedRate(database: Database, { name, perSecond, slackMs = 50 }: SharedRateOptions): SharedRate {
  const intervalMs = (1000 + slackMs) / perSecond;
  const most = Math.max(1, Math.floor(perSecond * SHARE_OF_SECOND));
  const line: ((start: Start | Error) => void)[] = [];
  let asking = false;

  const serve = async (): Promise<void> => {
    while (line.length > 0) {
      const wanted = Math.min(most, line.length);
      const asked = performance.now();
      try {
        const [row] = await database.query(TAKE, [name, intervalMs, wanted]);
        const answered = performance.now();
        const first = Number(row?.['first']);
        // The server's now was some time between the question and the answer.
        for (let i = 0; i < wanted; i++) {
          const wait = first + i * intervalMs;
          line.shift()?.({ earliest: answered + wait, latest: asked + wait + slackMs });
        }
      } catch (error) {
        for (const waiter of line.splice(0)) waiter(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  const take = (): Promise<Start> =>
    new Promise((resolve, reject) => {
      line.push((start) => (start instanceof Error ? reject(start) : resolve(start)));
      if (asking) return;
      asking = true;
      // Those that ask in one turn of the loop are asked for together.
      setImmediate(() => void serve().finally(() => (asking = false)));
    });

  return {
    async start(signal) {
      for (;;) {
        signal.throwIfAborted();
        const { earliest, latest } = await take();
        await sleepUntil(earliest, signal);
        if (performance.now() <= latest) return;
      }
    },
  };
}

/**
 * Takes $3 starts; `first`: milliseconds from now to the first. A start far ahead is none that was taken by those who wait: the
 * server's clock was set back.
 */
const TAKE = `
INSERT INTO plusx_cluster.rates AS r (name, next)
VALUES ($1, clock_timestamp() + $3::float8 * $2::float8 * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE SET next = $3::float8 * $2::float8 * interval '1 millisecond' +
  CASE WHEN r.next > clock_timestamp() + interval '10 minutes' THEN clock_timestamp()
    ELSE greatest(r.next, clock_timestamp()) END
RETURNING extract(epoch FROM next - clock_timestamp()) * 1000 - $3::float8 * $2::float8 AS first`;
