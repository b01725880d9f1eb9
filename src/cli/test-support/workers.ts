/** Coordinators and workers as processes of their own, on a real PostgreSQL and a server of models on the loopback interface. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { folder, type Folder } from './folder.ts';
import { sums } from './gated.ts';
import { startPlusx, type Started } from './plusx.ts';

export interface WorkerWorld {
  readonly server: Postgres;
  readonly upstream: OpenAIServer;
  readonly here: Folder;
  cli(args: readonly string[]): Started;
  worker(...more: string[]): Started;
  /** A file that a command wrote. */
  read(file: string): Promise<string>;
  /** Every answer waits for this from now on. */
  holdUntil(gate: Promise<void>): void;
  /** Ends all processes that were started. */
  endAll(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `sums.jsonl` has so many questions; the model is right two times of three, whoever asks, and rates what it is shown.
 * Told to be quick it does not answer; the instructions that it writes help. `knobs`: how its server deviates.
 */
export async function workerWorld(
  items: number,
  knobs: Pick<OpenAIServerOptions, 'fingerprint'> = {},
): Promise<WorkerWorld> {
  let gate = Promise.resolve();
  const started: Started[] = [];
  const server = await postgres({ settings: { synchronous_commit: 'on' } });
  const here = await folder();
  await here.write('sums.jsonl', sums(items));
  const upstream = await openaiServer({
    ...knobs,
    latencyMs: 20,
    answers: async ({ body }) => {
      await gate;
      const asked = JSON.stringify(body);
      if (asked.includes('Reply with a rating')) return { 'Rating: 8': 1 / 2, 'Rating: 3': 1 / 2 };
      if (asked.includes('Write better instructions')) return '<instructions>Add with care.</instructions>';
      if (asked.includes('Be quick.')) return 'Who knows.';
      const [, number = '0'] = /(\d+) \+ 1/.exec(asked) ?? [];
      if (asked.includes('Add with care.')) return `The answer is ${Number(number) + 1}.`;
      return { [`The answer is ${Number(number) + 1}.`]: 2 / 3, 'The answer is 7.': 1 / 3 };
    },
  });
  const cli = (args: readonly string[]): Started => {
    const env = { PLUSX_BASE_URL: upstream.url, PLUSX_MODEL: 'test-model' };
    const one = startPlusx(args, { cwd: here.path, env });
    started.push(one);
    return one;
  };
  const endAll = async (): Promise<void> => {
    const all = started.splice(0);
    for (const { child } of all) child.kill('SIGKILL');
    await Promise.all(all.map(({ ended }) => ended));
  };
  return {
    server,
    upstream,
    here,
    cli,
    worker: (...more) => cli(['worker', '--store', server.url, ...more]),
    read: (file) => readFile(join(here.path, file), 'utf8'),
    holdUntil: (given) => void (gate = given),
    endAll,
    async close() {
      await endAll();
      await upstream.close();
      await server.close();
      await here[Symbol.asyncDispose]();
    },
  };
}

/** Candidates that were asked for. */
export const callsOf = ({ requests }: OpenAIServer): number =>
  requests.reduce((sum, { body }) => sum + (body.n ?? 1), 0);

/** Waits for what the processes do. `told` says how they stand when it takes too long. */
export async function until(what: () => boolean, told: () => string = () => '', ms = 120_000): Promise<void> {
  for (let waited = 0; !what(); waited += 20) {
    if (waited > ms) throw new Error(`waited ${ms} ms for ${what.toString()}: ${told()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
