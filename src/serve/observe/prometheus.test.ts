import { afterEach, describe, expect, it } from 'vitest';
import { withStandby } from '../../config/standby/index.ts';
import type { Model } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import type { ServeOptions } from '../config.ts';
import { handler } from '../handler.ts';
import { keysIn } from '../keys/stored.ts';
import { listen, type Listening } from '../listen.ts';
import { countingUpstream, type Counted, type CountingUpstream } from '../test-support/counting-upstream.ts';
import { readMetrics, type MetricsText } from '../test-support/metrics-text.ts';
import { prometheus } from './prometheus.ts';

const closing: { close(ms?: number): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close(0);
});

const PRICE = { input: 1e-6, output: 2e-6 };
const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];

interface Served {
  readonly upstream: CountingUpstream;
  readonly server: Listening;
  post(body: object, signal?: AbortSignal, path?: string): Promise<Response>;
  metrics(): Promise<MetricsText>;
}

async function observed(counted: Counted = {}, options: Partial<ServeOptions> = {}): Promise<Served> {
  const upstream = await countingUpstream(counted);
  const up = openaiCompatible({
    model: 'test',
    name: 'up/test',
    baseURL: upstream.url,
    price: PRICE,
    quirks: { n: false },
    retry: { firstWaitMs: 1 },
  });
  const server = await listen({
    port: 0,
    models: { plain: up, careful: 'plain + selfConsistency(n=3)' },
    model: (name) => (name === 'up/test' ? up : undefined),
    metrics: await prometheus(),
    ...options,
  });
  closing.push(server, upstream);
  return {
    upstream,
    server,
    post: (body, signal, path = '/chat/completions') =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: MESSAGES, ...body }),
        ...(signal && { signal }),
      }),
    async metrics() {
      const response = await fetch(new URL('/metrics', server.url));
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
      return readMetrics(await response.text());
    },
  };
}

it('count what the server behind counted: calls, tokens, dollars, by formula', async () => {
  const { upstream, post, metrics } = await observed();
  const bodies = ['plain', 'careful', 'plain + reRead', 'careful + reRead', 'up/test'].flatMap((model) => [
    { model },
    { model, stream: true },
    { model, stream: true, stream_options: { include_usage: true } },
  ]);
  for (const body of bodies) expect(await (await post(body)).text()).toContain('4');
  await (
    await post({ model: 'careful', input: 'What is 2 + 2?', messages: undefined }, undefined, '/responses')
  ).text();
  const read = await metrics();
  const { totals } = upstream;
  expect(totals.replies).toBe(9 + 18 + 3);
  expect(read.sum('plusx_upstream_calls_total', { outcome: 'reported' })).toBe(totals.replies);
  expect(read.sum('plusx_upstream_calls_total')).toBe(totals.replies);
  for (const type of ['input', 'output', 'cached', 'reasoning'] as const)
    expect(read.sum('plusx_tokens_total', { type })).toBe(totals[type]);
  expect(read.sum('plusx_usd_total')).toBeCloseTo(totals.input * PRICE.input + totals.output * PRICE.output, 12);
  expect(read.value('plusx_upstream_calls_total', { formula: 'careful', outcome: 'reported' })).toBe(12);
  expect(read.value('plusx_requests_total', { route: '/v1/chat/completions', status: '200' })).toBe(15);
  expect(read.value('plusx_requests_total', { route: '/v1/responses', status: '200' })).toBe(1);
  const formulas = read.series.filter(({ name }) => name === 'plusx_request_duration_seconds_count');
  expect(Object.fromEntries(formulas.map(({ labels, value }) => [labels['formula'], value]))).toEqual({
    plain: 3,
    careful: 4,
    other: 9,
  });
  expect(read.value('plusx_usage_unknown_total')).toBe(0);
  expect(read.value('plusx_requests_in_flight')).toBe(1); // the one that reads them
});

it('count who left, and the calls of which nothing was heard', async () => {
  const { upstream, post, metrics } = await observed({ fate: () => 'hang' });
  for (const model of ['plain', 'careful', 'careful + reRead'])
    for (const stream of [false, true]) {
      const leave = new AbortController();
      const before = upstream.requests.length;
      const gone = post({ model, stream }, leave.signal).catch(() => 'gone');
      await expect.poll(() => upstream.requests.length - before).toBe(model === 'plain' ? 1 : 3);
      leave.abort();
      expect(await gone).toBe('gone');
    }
  await expect.poll(async () => (await metrics()).value('plusx_cancelled_total')).toBe(6);
  const read = await metrics();
  expect(upstream.totals.left).toBe(14);
  expect(read.sum('plusx_upstream_calls_total', { outcome: 'unreported' })).toBe(14);
  expect(read.value('plusx_requests_total', { status: '499' })).toBe(6);
  expect(read.sum('plusx_errors_total')).toBe(0);
  expect(read.value('plusx_requests_in_flight')).toBe(1);
});

it('count requests for which a model that stands by was asked, and why', async () => {
  const models = await Promise.all(
    ([503, 'hang', undefined] as const).map(async (fate, i) => {
      const upstream = await countingUpstream({ fate: () => fate });
      closing.push(upstream);
      return openaiCompatible({ model: 'test', name: `up${i}`, baseURL: upstream.url, retry: { attempts: 1 } });
    }),
  );
  const [broken, silent, good] = models as [Model, Model, Model];
  const { post, metrics } = await observed(
    {},
    {
      models: {
        falling: withStandby(broken, { fallback: [{ model: good }] }),
        hedged: withStandby(silent, { hedge: { with: [good], afterMs: 5 } }),
        steady: withStandby(good, { fallback: [{ model: broken }] }),
      },
    },
  );
  for (const model of ['falling', 'falling + reRead', 'hedged', 'steady', 'steady + reRead'])
    expect(await (await post({ model })).text()).toContain('4');
  const { series } = await metrics();
  const counted = series.filter(({ name }) => name === 'plusx_standby_total');
  expect(counted.map(({ labels, value }) => [labels['formula'], labels['why'], value])).toEqual([
    ['falling', 'fell-back', 1],
    ['other', 'fell-back', 1],
    ['hedged', 'hedged', 1],
  ]);
});

it('count errors by their class: ours, and those of the server behind, handed on or not', async () => {
  const { post, metrics, server } = await observed({
    fate: (text, index) =>
      text.includes('wrong') ? 422 : text.includes('fails') ? [429, 500, 503, 400][index] : undefined,
  });
  const failing = [{ role: 'user', content: 'fails' }];
  for (let i = 0; i < 4; i++) await (await post({ model: 'plain', messages: failing })).text();
  await (await post({ model: 'plain + reRead', messages: [{ role: 'user', content: 'wrong' }] })).text();
  await (await post({ model: 'none' })).text();
  await (await post({ model: 'plain + nonsense' })).text();
  await (await post({ model: 'plain + reRead', logit_bias: 7, audio: {} })).text();
  await (await fetch(`${server.url}/none`)).text();
  const read = await metrics();
  const classes = read.series.filter(({ name }) => name === 'plusx_errors_total');
  expect(Object.fromEntries(classes.map(({ labels, value }) => [labels['class'], value]))).toEqual({
    upstream_429: 1,
    upstream_500: 1,
    upstream_503: 1,
    upstream_400: 1,
    upstream_422: 1,
    model_not_found: 1,
    invalid_formula: 1,
    unsupported_parameter: 1,
    not_found: 1,
  });
  expect(read.value('plusx_requests_total', { route: 'other', status: '404' })).toBe(1);
});

it('nothing that a client writes makes a series', async () => {
  const { post, metrics, server } = await observed();
  const seriesNow = async (): Promise<number> => (await metrics()).series.length;
  const once = async (i: number): Promise<void> => {
    const odd = `x${i}"} 1\n# \\`;
    await (await post({ model: odd })).text();
    await (await post({ model: 'plain', user: odd, metadata: { odd } })).text();
    await (await post({ model: `plain + selfConsistency(n=${i + 2})` })).text();
    await (await post({ model: 'plain' }, undefined, `/${encodeURIComponent(odd)}`)).text();
    await (await fetch(`${server.url}/models/${encodeURIComponent(odd)}`, { headers: { 'x-odd': `x${i}` } })).text();
  };
  await seriesNow();
  for (let i = 0; i < 5; i++) await once(i);
  const before = await seriesNow();
  for (let i = 5; i < 20; i++) await once(i);
  expect(await seriesNow()).toBe(before);
});

it('many names of a configuration share one series behind the first hundred', async () => {
  const metrics = await prometheus();
  for (let i = 0; i < 500; i++) {
    metrics.begun();
    metrics.served({ route: '/v1/chat/completions', status: 200, ms: 1, model: `m${i}`, name: `m${i}` });
  }
  const read = readMetrics(await metrics.text({ waiting: 3 }));
  const counts = read.series.filter(({ name }) => name === 'plusx_request_duration_seconds_count');
  expect([counts.length, read.sum('plusx_request_duration_seconds_count')]).toEqual([101, 500]);
  expect(read.value('plusx_queue_length')).toBe(3);
});

describe('who may read them', () => {
  let store: Store | undefined;
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });
  const ask = async (options: ServeOptions, url: string, key?: string): Promise<number> => {
    const headers: HeadersInit = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return (await handler({ metrics: await prometheus(), ...options })(new Request(url, { headers }))).status;
  };

  it('without keys, programs on this machine: also where others may ask', async () => {
    expect(await ask({}, 'http://127.0.0.1/metrics')).toBe(200);
    expect(await ask({}, 'http://evil.example/metrics')).toBe(403);
    expect(await ask({ open: true }, 'http://evil.example/metrics')).toBe(403);
    expect(await ask({ metrics: undefined }, 'http://127.0.0.1/metrics')).toBe(404);
  });

  it('with keys, those that are made for it', async () => {
    store = openStore({ file: ':memory:' });
    const [mia, operator] = await Promise.all([
      store.keys.add('mia', { models: ['*'] }),
      store.keys.add('prometheus', { metrics: true, models: [] }),
    ]);
    const keys = await keysIn(store);
    for (const host of ['127.0.0.1', 'elsewhere.example']) {
      expect(await ask({ keys }, `http://${host}/metrics`)).toBe(401);
      expect(await ask({ keys }, `http://${host}/metrics`, mia.key)).toBe(403);
      expect(await ask({ keys }, `http://${host}/metrics`, operator.key)).toBe(200);
    }
  });
});

it('tell of requests that wait, and for how long they did', async () => {
  const store = openStore({ file: ':memory:' });
  closing.push(store);
  const { key } = await store.keys.add('mia', { inFlight: 1, metrics: true });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const { server, upstream } = await observed(
    { fate: (_text, index) => (index === 0 ? 'hang' : undefined) },
    { keys: await keysIn(store) },
  );
  const read = async (): Promise<MetricsText> =>
    readMetrics(await (await fetch(new URL('/metrics', server.url), { headers })).text());
  const body = JSON.stringify({ model: 'plain', messages: MESSAGES });
  const leave = new AbortController();
  const ask = (signal?: AbortSignal): Promise<number> =>
    fetch(`${server.url}/chat/completions`, { method: 'POST', headers, body, ...(signal && { signal }) }).then(
      ({ status }) => status,
      () => 0,
    );
  const first = ask(leave.signal);
  await expect.poll(() => upstream.requests.length).toBe(1);
  const others = [ask(), ask(), ask()];
  await expect.poll(async () => (await read()).value('plusx_queue_length')).toBe(3);
  leave.abort();
  expect(await first).toBe(0);
  expect(await Promise.all(others)).toEqual([200, 200, 200]);
  await expect.poll(async () => (await read()).value('plusx_requests_in_flight')).toBe(1);
  const after = await read();
  expect(after.value('plusx_queue_length')).toBe(0);
  expect(after.value('plusx_queue_wait_seconds_count')).toBe(4);
  expect(after.value('plusx_queue_wait_seconds_sum')).toBeGreaterThan(0);
});
