import { existsSync, mkdtempSync, readFileSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Model } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { openStore } from '../../store/index.ts';
import type { ServeOptions } from '../config.ts';
import { handler } from '../handler.ts';
import { keysIn } from '../keys/stored.ts';
import { countingUpstream } from '../test-support/counting-upstream.ts';
import { LOG_LEVELS } from '../../config/serve.ts';
import { jsonLogs, type LogsOptions } from './logs.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});

type Line = { readonly [field: string]: unknown };

const two = enumerable({ name: 'two', answers: { '*': { 'The answer is 4.': 3, 'The answer is 5.': 1 } } });
const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];

/** A server whose lines are kept. */
async function logged(options: ServeOptions, how: Partial<LogsOptions> = {}) {
  const written: string[] = [];
  const logs = await jsonLogs({ to: { write: (line) => void written.push(line) }, ...how });
  const answer = handler({ logs, ...options });
  return {
    text: () => written.join(''),
    lines: (): Line[] => written.map((line) => JSON.parse(line) as Line),
    get: (path: string) => answer(new Request(`http://localhost${path}`)),
    async post(body: unknown, { path = '/v1/chat/completions', headers = {} } = {}) {
      const response = await answer(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      );
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

describe('a line a request', () => {
  it('says who asked for what, how long it took, what it took, and what it came to', async () => {
    const { post, lines, text } = await logged({ models: { two, careful: 'two + selfConsistency(n=3)' } });
    const { headers } = await post({ model: 'careful', messages: MESSAGES });
    await post({ model: 'careful', messages: MESSAGES, stream: true });
    const refused = await post({ model: 'none', messages: MESSAGES });
    expect(text().endsWith('\n')).toBe(true);
    const [first, second, third] = lines();
    expect(first).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      request: headers.get('x-plusx-generation'),
      generation: headers.get('x-plusx-generation'),
      formula: 'careful',
      status: 200,
      ms: expect.any(Number) as number,
      waited_ms: expect.any(Number) as number,
      usage: { calls: 3, input_tokens: 42, output_tokens: 48, usd: 0 },
      msg: '/v1/chat/completions',
    });
    expect(second).toMatchObject({ status: 200, usage: { calls: 3 } });
    expect(third).toMatchObject({ level: 'warn', status: 404, error: 'model_not_found', formula: 'none' });
    expect(third?.['request']).toBe(refused.headers.get('x-request-id'));
  });

  it.each([
    ['debug', 3],
    ['info', 2],
    ['warn', 1],
    ['error', 0],
    ['silent', 0],
  ] as const)('at level %s: %i lines', async (level, count) => {
    expect(LOG_LEVELS).toContain(level);
    const { post, get, lines } = await logged({ models: { two } }, { level });
    await post({ model: 'two', messages: MESSAGES });
    await post({ model: 'none', messages: MESSAGES });
    await get('/healthz');
    expect(lines()).toHaveLength(count);
  });
});

/** Texts that must be in no line, by where they stand. */
const CANARIES = {
  prompt: 'canary-prompt',
  system: 'canary-system',
  user: 'canary-user',
  tool: 'canary-tool',
  metadata: 'canary-metadata',
  header: 'canary-header',
  cookie: 'canary-cookie',
  path: 'canary-path',
  answer: 'canary-answer',
  thrown: 'canary-thrown',
  upstreamKey: 'sk-canary-upstream-0123456789',
} as const;

async function canaryServer(how: Partial<LogsOptions>) {
  const upstream = await countingUpstream({
    answer: CANARIES.answer,
    fate: (text) => (text.includes('fails') ? 400 : undefined),
  });
  const store = openStore({ file: ':memory:' });
  closing.push(store, upstream);
  const { key } = await store.keys.add('mia', {});
  const up = openaiCompatible({ model: 'test', name: 'up', baseURL: upstream.url, apiKey: CANARIES.upstreamKey });
  const broken: Model = {
    ...two,
    name: 'broken',
    sample: () => Promise.reject(new Error(`${CANARIES.thrown}\n    at ${CANARIES.prompt}`)),
  };
  const server = await logged({ models: { up, two, broken }, keys: await keysIn(store) }, how);
  const headers = { authorization: `Bearer ${key}`, 'x-odd': CANARIES.header, cookie: `a=${CANARIES.cookie}` };
  const messages = [
    { role: 'system', content: CANARIES.system },
    { role: 'user', content: CANARIES.prompt },
  ];
  const tools = [{ type: 'function', function: { name: CANARIES.tool, parameters: { type: 'object' } } }];
  const more = { user: CANARIES.user, metadata: { m: CANARIES.metadata }, tools };
  for (const model of ['up', 'up + reRead', 'up + selfConsistency(n=3)'])
    for (const stream of [false, true]) await server.post({ model, messages, stream, ...more }, { headers });
  for (const model of ['broken', 'two + reRead', 'none', 'up + nonsense', `two ${key}`])
    await server.post({ model, messages, ...more }, { headers });
  await server.post({ model: 'up', messages: [...messages, { role: 'user', content: 'fails' }] }, { headers });
  await server.post({ model: 'up + reRead', messages: [...messages, { role: 'user', content: 'fails' }] }, { headers });
  await server.post(`{"model":"up","messages":"${CANARIES.prompt}`, { headers });
  await server.post(
    { model: 'up', messages },
    { headers: { authorization: `Bearer ${key}x`, 'x-odd': CANARIES.header } },
  );
  await server.post({}, { headers, path: `/v1/${CANARIES.path}?q=${CANARIES.path}` });
  return { ...server, key };
}

it.each(['debug', 'info'] as const)(
  'no line at level %s holds a key, a header, or anything that was said',
  async (level) => {
    const { text, lines, key } = await canaryServer({ level });
    expect(lines().length).toBe(16);
    for (const [where, canary] of Object.entries(CANARIES))
      expect([where, text().includes(canary)]).toEqual([where, false]);
    expect(text()).not.toContain(key);
    expect(text()).not.toContain(key.slice(-20));
    expect(lines().filter((line) => line['key'] === 'mia').length).toBeGreaterThan(10);
    const broken = lines().find((line) => line['error'] === 'internal_error');
    expect(JSON.stringify(broken?.['threw'])).toContain('logs.test.ts');
    expect(broken).toMatchObject({ level: 'error', status: 500, threw: { class: 'Error' } });
  },
);

it('with content, lines hold what was asked and answered, and still no key and no header', async () => {
  const { text, lines, key } = await canaryServer({ content: true });
  const { header, cookie, path, upstreamKey, ...said } = CANARIES;
  for (const canary of Object.values(said)) expect(text()).toContain(canary);
  for (const canary of [header, cookie, path, upstreamKey]) expect(text()).not.toContain(canary);
  const streamed = lines().find((line) => String(line['asked']).includes('"stream":true'));
  expect(String(streamed?.['answered'])).toContain('[DONE]');
  expect(text()).not.toContain(key);
});

it('a reader that leaves an overheard stream stops it', async () => {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const slow: Model = {
    ...two,
    name: 'slow',
    sample: (_request, context) =>
      new Promise((_resolve, reject) => {
        context.signal.addEventListener('abort', () => {
          resolve();
          reject(context.signal.reason as Error);
        });
      }),
  };
  const written: string[] = [];
  const logs = await jsonLogs({ to: { write: (line) => void written.push(line) }, content: true });
  const answer = handler({ logs, models: { slow }, limits: { keepAliveMs: 5 } });
  const body = JSON.stringify({ model: 'slow', messages: MESSAGES, stream: true });
  const headers = { 'content-type': 'application/json' };
  const response = await answer(new Request('http://localhost/v1/chat/completions', { method: 'POST', headers, body }));
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await left;
  await expect.poll(() => written.length).toBe(1);
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ status: 499, error: 'client_left', asked: body });
});

it('lines are appended to a file of the owner, which may be moved away', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plusx-log-')), 'in', 'requests.jsonl');
  const logs = await jsonLogs({ to: file });
  logs.say('info', 'one');
  renameSync(file, `${file}.1`);
  await logs.reopen();
  logs.say('info', 'two');
  await logs.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toMatch(/^\{[^\n]*"two"\}\n$/);
  expect(readFileSync(`${file}.1`, 'utf8')).toMatch(/^\{[^\n]*"one"\}\n$/);
  await expect(jsonLogs({ to: tmpdir() })).rejects.toThrow('EISDIR');
  await expect(jsonLogs({ to: '/dev/null/none' })).rejects.toThrow(/EEXIST|ENOTDIR/);
});

it('a file has every line once and in order, those of a long run and the last', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plusx-log-')), 'requests.jsonl');
  const logs = await jsonLogs({ to: file });
  for (let line = 0; line < 3000; line++) {
    logs.say('info', `${line} ${'x'.repeat(100)}`);
    if (line % 500 === 0) await new Promise((done) => setImmediate(done));
  }
  await logs.close();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages.map((message) => Number.parseInt(message, 10))).toEqual(Array.from({ length: 3000 }, (_, at) => at));
});

it.skipIf(!existsSync('/dev/full'))('a disk that takes nothing holds up neither SIGHUP nor the end', async () => {
  const logs = await jsonLogs({ to: '/dev/full' });
  for (let line = 0; line < 2000; line++) logs.say('info', 'x'.repeat(100));
  await expect(logs.reopen()).resolves.toBeUndefined();
  logs.say('info', 'one more');
  await expect(logs.close()).resolves.toBeUndefined();
});
