import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { folder, lines, type Folder } from '../test-support/folder.ts';
import { plusx, type Ended } from '../test-support/plusx.ts';

const ITEMS = 60;
const QUESTIONS = lines(
  ...Array.from({ length: ITEMS }, (_, i) => ({ id: `q${i}`, input: `What is ${i} + 1?`, expected: i + 1 })),
);

describe.skipIf(noPostgres !== undefined)(
  `plusx worker on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let server: Postgres;
    let upstream: OpenAIServer;
    let here: Folder;
    /** What every answer waits for. */
    let gate = Promise.resolve();
    const started: ChildProcess[] = [];
    const endings: Promise<Ended>[] = [];
    beforeAll(async () => {
      server = await postgres({ settings: { synchronous_commit: 'on' } });
      here = await folder();
      await here.write('sums.jsonl', QUESTIONS);
      upstream = await openaiServer({
        latencyMs: 20,
        // Right two times of three, whoever asks.
        answers: async ({ body }) => {
          await gate;
          const [, number = '0'] = /(\d+) \+ 1/.exec(JSON.stringify(body)) ?? [];
          return { [`The answer is ${Number(number) + 1}.`]: 2 / 3, 'The answer is 7.': 1 / 3 };
        },
      });
    });
    afterEach(async () => {
      for (const child of started.splice(0)) child.kill('SIGKILL');
      await Promise.all(endings.splice(0));
    });
    afterAll(async () => {
      await upstream.close();
      await server.close();
      await here[Symbol.asyncDispose]();
    });

    const cli = (args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
      let child: ChildProcess | undefined;
      const ended = plusx(args, {
        cwd: here.path,
        env: { PLUSX_BASE_URL: upstream.url, PLUSX_MODEL: 'test-model' },
        started(process) {
          child = process;
          started.push(process);
        },
      });
      endings.push(ended);
      return { child: child as ChildProcess, ended };
    };
    const worker = (...more: string[]) => cli(['worker', '--store', server.url, ...more]);
    const EVAL_AT = (seed: string): string[] => [
      'eval',
      'sums.jsonl',
      '-p',
      'selfConsistency(n=3)',
      '--metric',
      'numeric',
      '--seed',
      seed,
      '--quiet',
    ];
    const EVAL = EVAL_AT('5');
    const read = (file: string): Promise<string> => readFile(join(here.path, file), 'utf8');

    it('gives the report of one process, byte by byte, though a worker and the coordinator are killed', async () => {
      const alone = await cli([
        ...EVAL,
        '--run',
        'same',
        '--store',
        'one.db',
        '--out',
        'one.json',
        '--report',
        'one.csv',
      ]).ended;
      expect([alone.code, alone.err]).toEqual([0, '']);
      upstream.forget();
      const [doomed] = [worker('--concurrency', '4'), worker('--concurrency', '4')];
      const many = [
        ...EVAL,
        '--workers',
        '--store',
        server.url,
        '--run',
        'same',
        '--out',
        'many.json',
        '--report',
        'many.csv',
      ];
      const first = cli(many);
      await until(() => upstream.requests.length > 40);
      doomed.child.kill('SIGKILL');
      first.child.kill('SIGKILL');
      await first.ended;
      const second = await cli(many).ended;
      expect([second.code, second.err]).toEqual([0, '']);
      expect(await read('many.json')).toBe(await read('one.json'));
      expect(await read('many.csv')).toBe(await read('one.csv'));
      // What a killed process had in flight is asked again, and nothing else.
      expect(callsOf(upstream)).toBeLessThanOrEqual(3 * (ITEMS + 4));
      const shown = await cli(['runs', 'show', 'same', '--store', server.url, '--json']).ended;
      expect(JSON.parse(shown.out)).toMatchObject({ status: 'done' });
      const gone = await cli(['runs', 'watch', 'same', '--store', server.url]).ended;
      expect(gone).toMatchObject({
        code: 2,
        err: expect.stringContaining('Workers have no run "same". They have none'),
      });
    });

    it('holds a budget over all workers, and says what a run takes while it runs', async () => {
      upstream.forget();
      const held = Promise.withResolvers<void>();
      gate = held.promise;
      worker('--rate', `${new URL(upstream.url).host}=60`, '--in-flight', `${new URL(upstream.url).host}=3`);
      worker('--rate', `${new URL(upstream.url).host}=60`, '--in-flight', `${new URL(upstream.url).host}=3`);
      const args = [
        ...EVAL_AT('6'),
        '--workers',
        '--store',
        server.url,
        '--run',
        'cheap',
        '--budget',
        'calls=100',
        '--json',
      ];
      const running = cli(args);
      await until(() => upstream.requests.length >= 3);
      const watched = await cli(['runs', 'watch', 'cheap', '--once', '--store', server.url, '--json']).ended;
      expect(JSON.parse(watched.out)).toMatchObject({
        name: 'cheap',
        state: 'running',
        total: ITEMS,
        workers: expect.arrayContaining([expect.objectContaining({ place: expect.any(String) })]),
      });
      const paused = await cli(['runs', 'pause', 'cheap', '--store', server.url]).ended;
      expect(paused.out).toContain('cheap is paused');
      held.resolve();
      const twice = await cli(args).ended;
      expect(twice).toMatchObject({ code: 2, err: expect.stringContaining('is coordinated by another process') });
      const resumed = await cli(['runs', 'resume', 'cheap', '--store', server.url]).ended;
      expect(resumed.out).toContain('cheap is running');
      const { out, code } = await running.ended;
      expect(code).toBe(100);
      expect(JSON.parse(out)).toMatchObject({ exhausted: 'calls', items: ITEMS });
      expect(callsOf(upstream)).toBe(100);
    });

    it('says in a line what cannot be, and leaves what it cannot do to others', async () => {
      const run = (...args: string[]): Promise<Ended> => cli(args).ended;
      const refused = await Promise.all([
        run(...EVAL, '--workers'),
        run(...EVAL, '--workers', '--store', 'x.db'),
        run(...EVAL, '--workers', '--store', server.url, '--memory', 'm.db'),
        run('worker', '--store', 'x.db'),
        run('worker', '--store', server.urlOf({ password: 'wrong' })),
        run('runs', 'pause', 'nothing', '--store', server.url),
      ]);
      for (const { code, err } of refused) {
        expect(code).not.toBe(0);
        expect(err.trim()).toMatch(/^plusx: [^\n]+$/);
        expect(err).not.toContain(encodeURIComponent(server.password));
      }
      worker('--models', 'server/other');
      const waiting = cli([
        'eval',
        'sums.jsonl',
        '--limit',
        '2',
        '--metric',
        'numeric',
        '--workers',
        '--store',
        server.url,
      ]);
      let err = '';
      waiting.child.stderr?.on('data', (text: string) => (err += text));
      await until(() => err.includes('is none of --models server/other'));
      waiting.child.kill('SIGINT');
      expect((await waiting.ended).code).toBe(130);
    });
  },
);

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Candidates that were asked for. */
const callsOf = ({ requests }: OpenAIServer): number => requests.reduce((sum, { body }) => sum + (body.n ?? 1), 0);
