import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { folder } from '../test-support/folder.ts';
import { json, plusx } from '../test-support/plusx.ts';

const SECRET = 'sk-secret-0123456789';
let server: OpenAIServer;
let env: { readonly [name: string]: string };

beforeAll(async () => {
  server = await openaiServer({
    answers: { 'The answer is 4.': 0.75, 'The answer is 5.': 0.25 },
    models: ['small', 'large'],
    apiKey: SECRET,
  });
  env = { PLUSX_BASE_URL: server.url, PLUSX_API_KEY: SECRET };
});
afterAll(() => server.close());

describe('a server at PLUSX_BASE_URL', () => {
  it('is the default model, by the name it gives itself', async () => {
    const ended = await plusx(['ask', 'What is 2 + 2?', '-p', 'selfConsistency(n=7)', '--json'], { env });
    expect(json(ended)).toMatchObject({
      model: 'server/small',
      formula: 'server/small + selfConsistency(n=7)',
      usage: { calls: 7 },
    });
    expect((json(ended) as { usage: { outputTokens: number } }).usage.outputTokens).toBeGreaterThan(0);
  });

  it('serves the model that PLUSX_MODEL or --model names, and streams it', async () => {
    const [byVariable, byName] = await Promise.all([
      plusx(['ask', 'What is 2 + 2?', '--json'], { env: { ...env, PLUSX_MODEL: 'large' } }),
      plusx(['ask', 'What is 2 + 2?', '-m', 'server/large', '--price', '1,10'], { env }),
    ]);
    expect(json(byVariable)).toMatchObject({ model: 'server/large' });
    expect(byName).toMatchObject({ code: 0, out: expect.stringMatching(/^The answer is \d\.\n$/) });
    expect(byName.err).toMatch(/1 call, \d+ tokens, \$0\.0/);
  });

  it('is listed by its models', async () => {
    const list: readonly { name: string; ready: boolean }[] = json(await plusx(['models', '--json'], { env }));
    expect(list).toContainEqual(expect.objectContaining({ name: 'server/small', ready: true }));
    expect(list).toContainEqual(
      expect.objectContaining({ name: 'openai/MODEL', ready: false, needs: 'OPENAI_API_KEY' }),
    );
  });

  it('shows distributions from samples, and the demo runs on it too', async () => {
    const shown = json(
      await plusx(['show', 'What is 2 + 2?', '-n', '40', '-p', 'selfConsistency(n=5)', '--json'], { env }),
    ) as {
      before: { exact: boolean; answers: { answer: string; probability: number }[] };
      after: { answers: { answer: string; probability: number }[]; callsPerAnswer: number };
    };
    expect(shown.before.exact).toBe(false);
    expect(shown.after.callsPerAnswer).toBe(5);
    expect(shown.after.answers[0]).toMatchObject({ answer: '4' });
    const demo = json(await plusx(['demo', '--json'], { env })) as { server: { model: string }[] };
    expect(demo.server[0]).toMatchObject({ model: 'server/small', exact: false, samples: 16 });
  });

  it.each([
    [
      'a key it does not know',
      { PLUSX_API_KEY: 'sk-wrong-9876543210', PLUSX_MODEL: 'small' },
      1,
      /401.*Check PLUSX_API_KEY/,
    ],
    ['no server there', { PLUSX_BASE_URL: 'http://127.0.0.1:1/v1' }, 1, /Cannot reach http:\/\/127\.0\.0\.1:1\/v1/],
    ['no address', { PLUSX_BASE_URL: 'localhost' }, 2, /PLUSX_BASE_URL must be an http\(s\) address/],
  ])('fails in one line: %s', async (_, more, code, says) => {
    const ended = await plusx(['ask', 'What is 2 + 2?', '-q'], { env: { ...env, ...more } });
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err.trimEnd().split('\n')).toHaveLength(1);
    expect(ended.err).toMatch(says);
    expect(ended.err).not.toMatch(/sk-(?:secret|wrong)/);
  });

  it('a provider without its key says which variable to set', async () => {
    const { code, err } = await plusx(['ask', 'x', '-m', 'openai/gpt-5-mini']);
    expect(code).toBe(2);
    expect(err).toMatch(/^plusx: No key for openai: set the environment variable OPENAI_API_KEY.*\n$/);
  });
});

describe('an interruption', () => {
  it('cancels what is in flight, prints what there is and ends with 130', async () => {
    const slow = await openaiServer({ answers: 'The answer is 4.', latencyMs: (index) => (index < 2 ? 0 : 60_000) });
    try {
      const ended = await plusx(['show', 'What is 2 + 2?', '-m', 'server/x', '-n', '24', '--json'], {
        env: { PLUSX_BASE_URL: slow.url },
        started: (child) => {
          const timer = setInterval(() => {
            if (slow.requests.filter(({ state }) => state === 'completed').length < 2) return;
            clearInterval(timer);
            setTimeout(() => child.kill('SIGINT'), 100);
          }, 20);
        },
      });
      expect(ended.code).toBe(130);
      expect(json(ended)).toMatchObject({
        before: { samples: 16, answers: [{ answer: '4', probability: 1 }] },
      });
      await slow.idle();
      expect(slow.requests.filter(({ state }) => state === 'open')).toEqual([]);
    } finally {
      await slow.close();
    }
  });

  it('leaves an evaluation with the items that are done', async () => {
    const slow = await openaiServer({ answers: 'The answer is 4.', latencyMs: (index) => (index < 6 ? 0 : 60_000) });
    try {
      const ended = await plusx(['eval', 'arithmetic', '-m', 'server/x', '--json'], {
        env: { PLUSX_BASE_URL: slow.url },
        started: (child) => {
          const timer = setInterval(() => {
            if (slow.requests.length < 8) return;
            clearInterval(timer);
            setTimeout(() => child.kill('SIGINT'), 200);
          }, 20);
        },
      });
      expect(ended.code).toBe(130);
      expect(json(ended)).toMatchObject({ interrupted: true, items: 6, asked: 6, total: 100, usage: { calls: 6 } });
    } finally {
      await slow.close();
    }
  });
});

it('leaves a curve with the points over the items that are done, and a picture of them', async () => {
  await using here = await folder();
  const slow = await openaiServer({ answers: 'The answer is 4.', latencyMs: (index) => (index < 5 ? 0 : 60_000) });
  const svg = join(here.path, 'c.svg');
  const curve = ['curve', 'arithmetic', '--limit', '30', '-p', 'selfConsistency', '--over', 'n=1', '--svg', svg];
  const ended = await plusx([...curve, '-m', 'server/x', '--concurrency', '1'], {
    env: { PLUSX_BASE_URL: slow.url },
    started: (child) => {
      const timer = setInterval(() => {
        if (slow.requests.length < 6) return;
        clearInterval(timer);
        setTimeout(() => child.kill('SIGINT'), 200);
      }, 20);
    },
  });
  await slow.close();
  expect(ended.code).toBe(130);
  expect(ended.out).toContain('asked 5 of 30 items');
  expect(ended.err).toContain('Interrupted: this is what was done by then.');
  expect(await readFile(svg, 'utf8')).toContain('<svg');
});

describe('a reader that leaves', () => {
  it('is no error', async () => {
    const { execFile } = await import('node:child_process');
    const { fileURLToPath } = await import('node:url');
    const main = fileURLToPath(new URL('../main.ts', import.meta.url));
    const err = await new Promise<string>((resolve) => {
      execFile('sh', ['-c', `"${process.execPath}" "${main}" techniques --json | head -n 1`], (_, __, stderr) =>
        resolve(stderr),
      );
    });
    expect(err).toBe('');
  });

  it('says that it is waited for, and on request nothing', async () => {
    const busy = await openaiServer({
      answers: 'The answer is 4.',
      models: ['small'],
      failures: (i) => (i % 2 === 0 ? 429 : null),
    });
    const at = { PLUSX_BASE_URL: busy.url };
    try {
      for (const verb of [
        ['ask', 'What is 2 + 2?', '--json'],
        ['eval', 'arithmetic', '--limit', '1', '--json'],
        ['show', 'What is 2 + 2?', '-n', '2', '--json'],
      ]) {
        const told = await plusx(verb, { env: at });
        expect([verb[0], told.err]).toEqual([
          verb[0],
          expect.stringMatching(/server\/small tries again after [\d.]+ s \(429\)/),
        ]);
        expect((await plusx([...verb, '--quiet'], { env: at })).err).not.toContain('tries again');
      }
    } finally {
      await busy.close();
    }
  });
});
