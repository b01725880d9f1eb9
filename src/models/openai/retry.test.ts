import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  memoryJournal,
  PlusxError,
  plus,
  stream,
  systemClock,
  type Clock,
  type Journal,
  type Model,
} from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { retryAfter } from '../http/index.ts';
import { limiterOf } from '../http/index.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(
  knobs: OpenAIServerOptions,
  options: Partial<OpenAICompatibleOptions> = {},
): Promise<{ server: OpenAIServer; model: Model }> {
  const server = await openaiServer(knobs);
  open.push(server);
  return {
    server,
    model: openaiCompatible({ model: 'm', baseURL: server.url, retry: { firstWaitMs: 1 }, ...options }),
  };
}

/** The machine's clock, but waits before a retry are noted and not waited for. */
function hasty(): { clock: Clock; waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    clock: {
      now: systemClock.now,
      after(ms, callback, hold) {
        if (!hold) return systemClock.after(ms, callback);
        waits.push(ms);
        return systemClock.after(0, callback, hold);
      },
    },
  };
}

async function failing(work: Promise<unknown>): Promise<PlusxError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PlusxError);
  const found = error as PlusxError;
  expect(found.message).not.toContain('\n');
  return found;
}

describe('what may pass is tried again', () => {
  it.each([429, 408, 409, 500, 502, 503, 'reset', 'reset-midway', 'error-in-200'] as const)('%s', async (failure) => {
    const { server, model } = await serve({ failures: [failure, failure], answers: 'fine' });
    const { text, usage } = await ask(model, 'q');
    expect(text).toBe('fine');
    expect(usage.calls).toBe(1);
    expect(server.requests).toHaveLength(3);
    // The same draw: whoever was answered the first time and not heard is asked for the same again.
    expect(new Set(server.requests.map(({ body }) => body.seed)).size).toBe(1);
  });

  it.each([400, 401, 403, 404, 422])('but not %s', async (status) => {
    const { server, model } = await serve({ failures: [status] });
    const error = await failing(ask(model, 'q'));
    expect(error).toMatchObject({ name: 'UpstreamError', status, retryable: false });
    expect(error.message).toContain(`answered ${status}: scheduled failure ${status}`);
    expect(server.requests).toHaveLength(1);
  });

  it('and not where the account is empty', async () => {
    const body = JSON.stringify({ error: { message: 'You exceeded your quota', code: 'insufficient_quota' } });
    const { server, model } = await serve({ failures: [{ status: 429, body }] });
    expect(await failing(ask(model, 'q'))).toMatchObject({ status: 429, retryable: false });
    expect(server.requests).toHaveLength(1);
  });

  it('and not for ever', async () => {
    const { server, model } = await serve({ failures: () => 500 }, { retry: { attempts: 3, firstWaitMs: 1 } });
    expect(await failing(ask(model, 'q'))).toMatchObject({ name: 'UpstreamError', status: 500, retryable: true });
    expect(server.requests).toHaveLength(3);
  });

  it('with waits that double, jittered by the place of the draw and nothing else', async () => {
    const waitsOf = async (seed: number): Promise<number[]> => {
      const { clock, waits } = hasty();
      const { model } = await serve({ failures: [500, 500, 500] }, { retry: { firstWaitMs: 100 } });
      await ask(model, 'q', { seed, clock });
      return waits;
    };
    const [first, again, other] = [await waitsOf(1), await waitsOf(1), await waitsOf(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    for (const [i, wait] of first.entries()) {
      expect(wait).toBeGreaterThanOrEqual(50 * 2 ** i);
      expect(wait).toBeLessThan(100 * 2 ** i);
    }
  });

  it('no sooner than the server allows', async () => {
    const { clock, waits } = hasty();
    const { model } = await serve({ failures: [{ status: 429, retryAfter: 7 }] });
    await ask(model, 'q', { clock });
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(7000);
    expect(waits[0]).toBeLessThan(7100);
  });

  it('and not at all where that is longer than the caller waits', async () => {
    const { server, model } = await serve({ failures: [{ status: 429, retryAfter: 3600 }] });
    expect(await failing(ask(model, 'q'))).toMatchObject({ status: 429 });
    expect(server.requests).toHaveLength(1);
  });

  it('reads Retry-After as seconds and as a date', () => {
    expect(retryAfter('2.5', null)).toBe(2500);
    expect(retryAfter('Wed, 21 Oct 2026 07:28:30 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT')).toBe(30_000);
    expect(retryAfter('Wed, 21 Oct 2026 07:27:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT')).toBe(0);
    expect(retryAfter('soon', null)).toBeUndefined();
    expect(retryAfter(null, null)).toBeUndefined();
  });

  it('unless the caller leaves while it waits', async () => {
    const { server, model } = await serve({ failures: () => 500 }, { retry: { firstWaitMs: 30_000 } });
    const controller = new AbortController();
    const work = ask(model, 'q', { signal: controller.signal });
    while (server.requests[0]?.status !== 500) await new Promise((resolve) => setTimeout(resolve, 2));
    controller.abort(new Error('left'));
    await expect(work).rejects.toThrow('left');
    expect(server.requests).toHaveLength(1);
  });

  it('while the process stays alive for it', () => {
    const script = `import { sleep, systemClock } from './src/core/context/clock.ts';
      await sleep(30, { clock: systemClock, signal: new AbortController().signal });
      console.log('awake');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('awake\n');
  });

  it('and a host that says 429 gets fewer requests at one time', async () => {
    const { server, model } = await serve({ failures: (index) => (index < 6 ? 429 : null) }, { quirks: { n: false } });
    const { usage } = await ask(plus(model, bestOfN({ n: 6, score: () => 1 })), 'q');
    expect(usage.calls).toBe(6);
    expect(limiterOf(server.url).limit).toBeLessThan(64);
  });
});

describe('one line says what is wrong', () => {
  it('nobody listens', async () => {
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as { port: number };
        probe.close(() => resolve(port));
      });
    });
    const model = openaiCompatible({ model: 'm', baseURL: `http://127.0.0.1:${port}/v1` });
    expect((await failing(ask(model, 'q'))).message).toBe(
      `Cannot reach http://127.0.0.1:${port}/v1/chat/completions: nothing listens there (ECONNREFUSED). Start the server, or give the right address with \`baseURL\``,
    );
  });

  it('no answer in time', async () => {
    const { server, model } = await serve({ failures: ['hang'] }, { timeoutMs: 400 });
    expect((await failing(ask(model, 'q'))).message).toMatch(/gave no sign of life for 400 ms\. Raise `timeoutMs`/);
    await server.idle();
    expect(server.requests.map(({ state }) => state)).toEqual(['aborted']);
  });

  it('not the protocol', async () => {
    const { model } = await serve({ failures: ['malformed'] });
    expect((await failing(ask(model, 'q'))).message).toMatch(
      /sent a malformed reply: an HTML page, not JSON: It works! Check that `baseURL` ends where the API begins/,
    );
    const { model: odd } = await serve({ failures: [{ status: 200, body: '{"hello":1}' }] });
    expect((await failing(ask(odd, 'q'))).message).toMatch(/no list of choices: \{"hello":1\}/);
  });

  it('a wrong option', () => {
    const make = (more: Partial<OpenAICompatibleOptions>) => () =>
      openaiCompatible({ model: 'm', baseURL: 'http://x.test', ...more });
    expect(make({ baseURL: 'localhost:80' })).toThrow('baseURL must be an http(s) address');
    expect(make({ model: '' })).toThrow('model must be the id of a model');
    expect(make({ timeoutMs: 0 })).toThrow('timeoutMs must be above 0');
    expect(make({ price: { input: -1, output: 0 } })).toThrow('price.input must be at least 0');
  });
});

it('a key is in no error, trace, warning, name or journal key, whoever repeats it', async () => {
  const key = 'sk-very/secret+"key"';
  const keys: string[] = [];
  const kept = memoryJournal();
  const journal: Journal = {
    get: (k) => kept.get(k),
    put: (k, entry) => {
      keys.push(k);
      return kept.put(k, entry);
    },
  };
  const seen: string[] = [];
  const { model, server } = await serve(
    { apiKey: 'another', failures: [] },
    { apiKey: key, headers: { 'x-api-key': 'second-secret' } },
  );
  const refused = await failing(ask(model, 'q', { trace: true }));
  expect(refused.message).toContain('[key]');
  seen.push(refused.message, JSON.stringify(refused), String(refused.stack), model.name);

  const { model: echo } = await serve(
    {
      failures: [
        {
          status: 400,
          body: JSON.stringify({ error: { message: `bad ${key} second-secret ${encodeURIComponent(key)}` } }),
        },
        { status: 200, body: `not json ${key}` },
        { status: 200, body: JSON.stringify({ error: { message: key, code: 400 } }) },
      ],
    },
    { apiKey: key, headers: { 'x-api-key': 'second-secret' } },
  );
  for (let i = 0; i < 3; i++) seen.push(String((await failing(ask(echo, 'q'))).stack));
  for await (const part of stream(echo, 'q', { journal, trace: true })) seen.push(JSON.stringify(part));
  const { trace, warnings } = await ask(echo, 'r', { journal, trace: true });
  seen.push(JSON.stringify(trace), JSON.stringify(warnings), ...keys);
  expect(keys).toHaveLength(2);

  const inURL = openaiCompatible({
    model: 'm',
    baseURL: `${server.url.replace('http://', 'http://user:pass-word@')}?code=query-secret`,
  });
  seen.push(String((await failing(ask(inURL, 'q', { journal }))).stack), inURL.name);
  for (const text of seen)
    for (const secret of [
      key,
      JSON.stringify(key).slice(1, -1),
      encodeURIComponent(key),
      'second-secret',
      'pass-word',
      'query-secret',
    ])
      expect(text).not.toContain(secret);
});

it('a key no header can hold is an error that does not repeat it', async () => {
  const { model, server } = await serve({}, { apiKey: 'sk-secret\nkey' });
  const error = await failing(ask(model, 'q'));
  expect(error.message).toMatch(/apiKey or headers must be characters a header can hold/);
  expect(String(error.stack)).not.toContain('sk-secret');
  expect(server.requests).toHaveLength(0);
});

it('credentials in the address become a header, and the query stays', async () => {
  const { server } = await serve({});
  const model = openaiCompatible({ model: 'm', baseURL: server.url.replace('http://', 'http://user:pass@') });
  await ask(model, 'q');
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('user:pass')}`);
});
