import { SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openStore } from '../../store/index.ts';
import { openTelemetry } from '../../telemetry/index.ts';
import { isFailed, spansInside, tracesInside, tracing, type Tracing } from '../../telemetry/test-support/tracing.ts';
import { keysIn } from '../keys/stored.ts';
import { listen } from '../listen.ts';
import { countingUpstream } from '../test-support/counting-upstream.ts';

let sdk: Tracing;
const closing: { close(ms?: number): Promise<void> }[] = [];
beforeAll(() => void (sdk = tracing()));
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close(0);
  sdk.forget();
});
afterAll(() => sdk.stop());

const CANARY = 'canary-of-the-question';

async function traced({ content = false } = {}) {
  const upstream = await countingUpstream({
    answer: 'canary-of-the-answer',
    fate: (text) => (text.includes('fails') ? 400 : text.includes('hangs') ? 'hang' : undefined),
  });
  const store = openStore({ file: ':memory:' });
  const { key } = await store.keys.add('mia', {});
  const up = openaiCompatible({ model: 'test', name: 'up/test', baseURL: upstream.url, quirks: { n: false } });
  const server = await listen({
    port: 0,
    models: { plain: up, careful: 'plain + selfConsistency(n=3)' },
    telemetry: await openTelemetry({ content }),
    store,
    keys: await keysIn(store),
  });
  closing.push(server, store, upstream);
  return {
    upstream,
    store,
    async post(body: object, { headers = {}, signal }: { headers?: HeadersInit; signal?: AbortSignal } = {}) {
      const response = await fetch(`${server.url}/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${key}`,
          'x-odd': 'canary',
          ...Object.fromEntries(new Headers(headers)),
        },
        body: JSON.stringify({ messages: [{ role: 'user', content: CANARY }], ...body }),
        ...(signal && { signal }),
      });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
  };
}

const requests = (): readonly ReadableSpan[] => sdk.spans().filter(({ kind }) => kind === SpanKind.SERVER);
const sorted = (values: readonly unknown[]): readonly string[] =>
  values.map((value) => JSON.stringify(value)).toSorted((a, b) => (a < b ? -1 : 1));
const idOf = (span: ReadableSpan): string => span.spanContext().spanId;

it('is a span a request, with the trace of its generation inside it, however many run at once', async () => {
  const { post, store } = await traced();
  const bodies = Array.from({ length: 12 }, (_, i) => ({
    model: ['careful', 'careful + reRead', 'plain + stepBack'][i % 3],
    stream: i % 2 === 0,
  }));
  for (const { status } of await Promise.all(bodies.map((body) => post(body)))) expect(status).toBe(200);
  await expect.poll(() => requests().length).toBe(12);
  const spans = sdk.spans();
  for (const request of requests()) {
    const kept = await store.traces.get(String(request.attributes['plusx.generation']));
    expect(spansInside(spans, idOf(request))).toEqual(kept && tracesInside(kept.root));
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/chat/completions',
      'http.response.status_code': 200,
      'plusx.key': 'mia',
      'plusx.calls': kept?.root.usage?.calls,
    });
    expect(request.name).toBe('POST /v1/chat/completions');
  }
});

it('carries the trace of the client on to the server of the model, call by call', async () => {
  const { post, upstream } = await traced();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  for (const model of ['plain', 'careful'])
    for (const stream of [false, true]) expect((await post({ model, stream }, { headers })).status).toBe(200);
  await expect.poll(() => requests().length).toBe(4);
  for (const request of requests())
    expect([request.spanContext().traceId, request.parentSpanContext?.spanId]).toEqual([traceId, 'b7ad6b7169203331']);
  const calls = sdk.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  const sent = upstream.requests.map((request) => request.headers['traceparent']);
  expect(sent).toHaveLength(8);
  expect(sorted(sent)).toEqual(sorted(calls.map((call) => `00-${traceId}-${idOf(call)}-01`)));
});

it('says what failed and who left', async () => {
  const { post, upstream } = await traced();
  const saying = (content: string) => [{ role: 'user', content }];
  for (const model of ['plain', 'plain + reRead']) {
    expect((await post({ model, messages: saying('fails') })).status).toBe(400);
    const leave = new AbortController();
    const before = upstream.requests.length;
    const gone = post({ model, messages: saying('hangs') }, { signal: leave.signal }).catch(() => undefined);
    await expect.poll(() => upstream.requests.length).toBe(before + 1);
    leave.abort();
    await gone;
  }
  expect((await post({ model: 'none' })).status).toBe(404);
  await expect.poll(() => requests().length).toBe(5);
  const facts = requests().map(({ attributes }) => [
    attributes['plusx.formula'],
    attributes['http.response.status_code'],
    attributes['error.type'],
  ]);
  expect(sorted(facts)).toEqual(
    sorted([
      ['none', 404, 'model_not_found'],
      ['plain + reRead', 400, 'upstream_400'],
      ['plain + reRead', 499, 'client_left'],
      ['plain', 400, 'upstream_400'],
      ['plain', 499, 'client_left'],
    ]),
  );
  const calls = sdk.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  expect(sorted(calls.map(({ attributes }) => attributes['plusx.status']))).toEqual(
    sorted(['cancelled', 'cancelled', 'error', 'error']),
  );
  expect(requests().filter(isFailed)).toEqual([]); // it was not this server that failed
});

it('holds nothing that was said, unless that is asked for', async () => {
  const said = async (content: boolean): Promise<string> => {
    const { post } = await traced({ content });
    sdk.forget();
    for (const model of ['plain', 'careful']) await post({ model });
    await expect.poll(() => requests().length).toBe(2);
    return JSON.stringify(
      sdk.spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
  };
  expect(await said(false)).not.toContain('canary');
  const text = await said(true);
  expect(text).toContain(CANARY);
  expect(text).toContain('canary-of-the-answer');
});

it('lies in the span that the program has for the request already', async () => {
  const telemetry = await openTelemetry();
  trace.getTracer('program').startActiveSpan('GET /', (outer) => {
    const header = (name: string): string | undefined =>
      name === 'traceparent' ? '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' : undefined;
    telemetry.request({ method: 'POST', route: '/x', header }).over(200, {});
    outer.end();
  });
  const [inner, outer] = sdk.spans();
  expect(inner?.parentSpanContext?.spanId).toBe(outer && idOf(outer));
});

it('a request that is handed on goes out in the span of its call, inside that of the request', async () => {
  const upstream = await countingUpstream({ answer: '4' });
  closing.push(upstream);
  const active: (string | undefined)[] = [];
  const up = openaiCompatible({
    model: 'test',
    name: 'up/test',
    baseURL: upstream.url,
    fetch: (input, init) => {
      active.push(trace.getActiveSpan()?.spanContext().spanId);
      return fetch(input, init);
    },
  });
  const server = await listen({ port: 0, models: { up }, telemetry: await openTelemetry() });
  closing.push(server);
  const body = JSON.stringify({ model: 'up', messages: [{ role: 'user', content: 'x' }] });
  await (
    await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  ).text();
  await expect.poll(() => requests().length).toBe(1);
  const call = sdk.spans().find(({ kind }) => kind === SpanKind.CLIENT);
  expect(active).toEqual([call?.spanContext().spanId]);
  expect(call?.parentSpanContext?.spanId).toBe(requests()[0]?.spanContext().spanId);
});
