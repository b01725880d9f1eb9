/** Kills a nested inference again and again until it is through, and counts what its upstream was asked. */
import { join } from 'node:path';
import { seeded, type Usage } from '../../core/index.ts';
import { openaiServer } from '../../testing/servers/openai-server.ts';
import { run, type Ended } from './children.ts';
import { answerTo } from './nested.ts';

const INFERENCE = join(import.meta.dirname, 'inference.ts');

/** A process is killed `wait` ms after its `arrival`-th request came in. */
interface Kill {
  readonly arrival: number;
  readonly wait: number;
}

export interface Interrupted {
  readonly text: string;
  readonly usage: Usage | undefined;
  /** Upstream requests of all processes together. */
  readonly requests: number;
  /** How many calls were kept at each kill. */
  readonly points: readonly number[];
  /** Requests in flight at the kills, those answered but not yet acknowledged among them. */
  readonly inFlight: number;
  /** Seeds of requests that were made although an earlier process had acknowledged them. */
  readonly paidTwice: readonly number[];
}

/**
 * One inference left alone, and one for each plan: its processes are killed some milliseconds after the request that
 * the plan names, counted from the start of each process, and the last is left to finish. `at` says what names the store of a file.
 */
export async function killAndResume(
  folder: string,
  plans: readonly (readonly number[])[],
  at: (file: string) => string = (file) => file,
): Promise<{ whole: Interrupted; results: Interrupted[] }> {
  const random = seeded('kills');
  const whole = await interrupted(at(join(folder, 'whole.db')), []);
  const results: Interrupted[] = [];
  for (const [i, plan] of plans.entries()) {
    const kills = plan.map((arrival) => ({ arrival, wait: random.categorical([1, 1, 1, 1, 1, 1, 1, 1]) }));
    results.push(await interrupted(at(join(folder, `${i}.db`)), kills));
  }
  return { whole, results };
}

async function interrupted(file: string, kills: readonly Kill[]): Promise<Interrupted> {
  let arrived = (): void => {};
  const server = await openaiServer({
    latencyMs: () => (arrived(), 4),
    answers: ({ body }) => answerTo(body.seed as number),
  });
  const kept = new Set<number>();
  const paidTwice: number[] = [];
  const points: number[] = [];
  let inFlight = 0;
  try {
    for (let i = 0; ; i++) {
      const before = new Set(kept);
      const first = server.requests.length;
      const child = run(INFERENCE, [file, server.url]);
      const kill = kills[i];
      let arrivals = 0;
      arrived = () => {
        if (kill && ++arrivals === kill.arrival) setTimeout(() => child.kill(), kill.wait);
      };
      const ended = await child.ended;
      await server.idle();
      const { text, usage, kept: more } = said(ended);
      for (const seed of more) kept.add(seed);
      const requested = server.requests.slice(first).map(({ body }) => body.seed as number);
      paidTwice.push(...requested.filter((seed) => before.has(seed)));
      if (text !== undefined) return { text, usage, requests: server.requests.length, points, inFlight, paidTwice };
      if (ended.signal !== 'SIGKILL') throw new Error(`the inference failed: ${ended.stderr}`);
      points.push(kept.size);
      inFlight += requested.filter((seed) => !kept.has(seed)).length;
    }
  } finally {
    await server.close();
  }
}

interface Said {
  readonly kept: readonly number[];
  readonly text?: string;
  readonly usage?: Usage;
}

/** What a process said before it ended. The last line of a killed one may be cut off. */
function said({ stdout }: Ended): Said {
  const lines = stdout.split('\n').slice(0, -1);
  const all = lines.map((line) => JSON.parse(line) as { kept?: number; text?: string; usage?: Usage });
  return { ...all.at(-1), kept: all.flatMap(({ kept }) => kept ?? []) };
}
