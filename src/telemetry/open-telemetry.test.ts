import { context, trace, SpanKind } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { techniques } from '../catalog.ts';
import { ask, parse, stream, type Model } from '../core/index.ts';
import { evaluate } from '../evaluate/index.ts';
import { openaiCompatible } from '../models/openai/index.ts';
import { enumerable } from '../models/written/index.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../testing/index.ts';
import { openTelemetry } from './index.ts';
import { isFailed, spansInside, tracesInside, tracing, type Tracing } from './test-support/tracing.ts';

let sdk: Tracing;
let upstream: OpenAIServer | undefined;
beforeAll(() => void (sdk = tracing()));
afterEach(async () => {
  await upstream?.close();
  upstream = undefined;
  sdk.forget();
});
afterAll(() => sdk.stop());

async function behind(options: OpenAIServerOptions = {}): Promise<Model> {
  upstream = await openaiServer({ answers: 'The answer is 5.', ...options });
  return openaiCompatible({
    model: 'test',
    name: 'up/test',
    baseURL: upstream.url,
    quirks: { n: false },
    price: { input: 1e-6, output: 2e-6 },
    retry: { attempts: 1 },
  });
}

const composed = (base: Model, formula: string): Model => parse(`base + ${formula}`, { techniques, model: () => base });

const QUESTION = 'What is 2 + 3?';

const FORMULAS = [
  'selfConsistency(n=5)',
  'reRead',
  'selfRefine(rounds=2)',
  'selfConsistency(n=3) + selfRefine(rounds=1)',
  'stepBack + bestOfN(n=2, score=judge(base))',
  'leastToMost',
];

describe('the spans are those of the trace', () => {
  it.each(FORMULAS)('%s', async (formula) => {
    const model = composed(await behind(), formula);
    const { trace: own } = await ask(model, QUESTION, { trace: true, telemetry: await openTelemetry() });
    const spans = sdk.spans();
    expect(spansInside(spans, undefined)).toEqual(own && tracesInside(own));
    expect(spans.length).toBeGreaterThan(1);
  });

  it('also where many run at one time, each in the span that was active', async () => {
    const base = await behind({ latencyMs: (index) => (index * 7) % 13 });
    const telemetry = await openTelemetry();
    const tracer = trace.getTracer('program');
    const runs = await Promise.all(
      FORMULAS.map((formula, i) =>
        tracer.startActiveSpan(`run ${i}`, async (span) => {
          const { trace: own } = await ask(composed(base, formula), `${QUESTION} (${i})`, { trace: true, telemetry });
          span.end();
          return { id: span.spanContext(), own };
        }),
      ),
    );
    const spans = sdk.spans();
    for (const { id, own } of runs) {
      expect(spansInside(spans, id.spanId)).toEqual(own && tracesInside(own));
      expect(spans.filter((span) => span.spanContext().traceId === id.traceId).length).toBeGreaterThan(1);
    }
  });

  it('also where some calls fail and others are cancelled', async () => {
    const base = await behind({
      failures: [null, 'malformed', null, 500],
      latencyMs: (index) => (index > 8 ? 5000 : index * 3),
    });
    const model = composed(base, 'selfConsistency(n=20, stop="window", window=3, ahead=8)');
    const { trace: own } = await ask(model, QUESTION, { trace: true, telemetry: await openTelemetry() });
    const spans = sdk.spans();
    expect(spansInside(spans, undefined)).toEqual(own && tracesInside(own));
    const types = spans.map(({ attributes }) => attributes['error.type']);
    for (const type of ['UpstreamError', 'MalformedReply', 'cancelled']) expect(types).toContain(type);
    expect(spans.filter(isFailed)).toHaveLength(2);
  });

  it('also of a stream that nobody reads to its end', async () => {
    const base = await behind({ answers: 'one two three four five six seven', chunkMs: 20 });
    const telemetry = await openTelemetry();
    for await (const part of stream(composed(base, 'reRead'), QUESTION, { telemetry }))
      if (part.type === 'text-delta') break;
    await expect.poll(() => sdk.spans().length).toBe(2);
    expect(spansInside(sdk.spans(), undefined)).toMatchObject([
      { name: 'reRead', status: 'cancelled', inside: [{ name: 'test', status: 'cancelled', inside: [] }] },
    ]);
    expect(sdk.spans().map(({ attributes }) => attributes['error.type'])).toEqual(['cancelled', 'cancelled']);
  });

  it('and of an evaluation, without a tree that grows', async () => {
    const items = Array.from({ length: 6 }, (_, i) => ({
      id: `i${i}`,
      request: { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: `What is ${i}?` }] }] },
      expected: '5',
    }));
    const task = { name: 'six', items, metric: { name: 'none', grade: () => Promise.resolve(1) } };
    await evaluate(composed(await behind(), 'selfConsistency(n=3)'), task, { telemetry: await openTelemetry() });
    const trees = spansInside(sdk.spans(), undefined);
    expect(trees.map(({ name }) => name)).toEqual(task.items.map(({ id }) => `item/${id}`).toSorted());
    for (const { inside } of trees) expect(inside).toMatchObject([{ name: 'selfConsistency', inside: [{}, {}, {}] }]);
  });
});

describe('a call says, in the words of the convention', () => {
  it('what was asked of whom, and what it took', async () => {
    const model = await behind({ cachedTokens: 3 });
    await ask(
      composed(model, 'selfConsistency(n=2)'),
      {
        prompt: [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }],
        temperature: 0.5,
        maxOutputTokens: 20,
        stopSequences: ['#'],
      },
      { telemetry: await openTelemetry() },
    );
    const [call] = sdk.spans();
    expect([call?.name, call?.kind]).toEqual(['chat test', SpanKind.CLIENT]);
    expect(call?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'up',
      'gen_ai.request.model': 'test',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 20,
      'gen_ai.request.stop_sequences': ['#'],
      'gen_ai.usage.input_tokens': expect.any(Number) as number,
      'gen_ai.usage.output_tokens': expect.any(Number) as number,
      'gen_ai.usage.cache_read.input_tokens': 3,
      'gen_ai.usage.reasoning.output_tokens': expect.any(Number) as number,
      'gen_ai.response.finish_reasons': ['stop'],
      'plusx.path': 'draw/0 > selfConsistency > draw/0',
      'plusx.status': 'ok',
      'plusx.usd': expect.any(Number) as number,
    });
    const technique = sdk.spans().at(-1);
    expect([technique?.name, technique?.kind]).toEqual(['invoke_workflow selfConsistency', SpanKind.INTERNAL]);
    expect(Object.keys(technique?.attributes ?? {}).filter((name) => name.includes('usage'))).toEqual([]);
  });

  it('only the words of the convention', async () => {
    const names = new Set<unknown>(Object.values(await import('@opentelemetry/semantic-conventions/incubating')));
    await ask(composed(await behind(), 'selfConsistency(n=2)'), QUESTION, {
      telemetry: await openTelemetry({ content: true }),
    });
    const used = sdk.spans().flatMap(({ attributes }) => Object.keys(attributes));
    expect(used.filter((name) => !name.startsWith('plusx.') && !names.has(name))).toEqual([]);
  });

  it('to the server which span it belongs to', async () => {
    await ask(composed(await behind(), 'selfConsistency(n=3)'), QUESTION, { telemetry: await openTelemetry() });
    const calls = sdk.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
    const sent = upstream?.requests.map(({ headers }) => headers['traceparent']);
    expect(sent?.toSorted()).toEqual(
      calls.map((span) => `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`).toSorted(),
    );
    expect(new Set(sent).size).toBe(3);
  });
});

it.each(['call', 'stream'] as const)('is the active span where the request of a %s goes out', async (way) => {
  await behind();
  const active: (string | undefined)[] = [];
  const sent: (string | null)[] = [];
  const model = openaiCompatible({
    model: 'test',
    name: 'up/test',
    baseURL: upstream?.url ?? '',
    quirks: { n: false },
    fetch: (input, init) => {
      active.push(trace.getActiveSpan()?.spanContext().spanId);
      sent.push(new Headers(init?.headers).get('traceparent'));
      return fetch(input, init);
    },
  });
  const telemetry = await openTelemetry();
  const formula = composed(model, way === 'call' ? 'selfConsistency(n=5)' : 'reRead');
  await trace.getTracer('program').startActiveSpan('run', async (span) => {
    if (way === 'call') await ask(formula, QUESTION, { telemetry });
    else for await (const _part of stream(formula, QUESTION, { telemetry }));
    // What the program does between and afterwards is in its own span.
    expect(trace.getActiveSpan()).toBe(span);
    span.end();
  });
  expect(active).toHaveLength(way === 'call' ? 5 : 1);
  expect(active).toEqual(sent.map((header) => header?.split('-')[2]));
  const calls = sdk.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  expect(new Set(active)).toEqual(new Set(calls.map((span) => span.spanContext().spanId)));
  expect(new Set(active).size).toBe(active.length);
});

it('without a context manager all goes on as it does, told by the headers alone', async () => {
  context.disable();
  try {
    await ask(composed(await behind(), 'selfConsistency(n=3)'), QUESTION, { telemetry: await openTelemetry() });
  } finally {
    sdk.activate();
  }
  expect(new Set(upstream?.requests.map(({ headers }) => headers['traceparent'])).size).toBe(3);
});

describe('what was said', () => {
  const canary = 'canary-of-the-question';
  const told = async (content: boolean): Promise<string> => {
    const base = await behind({
      answers: 'canary-of-the-answer',
      failures: [null, null, { status: 400, body: canary }],
    });
    const telemetry = await openTelemetry({ content });
    await ask(composed(base, 'selfRefine(rounds=1)'), canary, { telemetry });
    await ask(composed(base, 'reRead'), canary, { telemetry }).catch(() => undefined);
    return JSON.stringify(
      sdk.spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
  };

  it('is in no span', async () => {
    expect(await told(false)).not.toContain('canary');
  });

  it('is there where it is asked for', async () => {
    const text = await told(true);
    for (const one of ['canary-of-the-question', 'canary-of-the-answer']) expect(text).toContain(one);
    const [call] = sdk.spans();
    expect(JSON.parse(String(call?.attributes['gen_ai.input.messages']))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: canary }] },
    ]);
    expect(JSON.parse(String(call?.attributes['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'canary-of-the-answer' }], finish_reason: 'stop' },
    ]);
  });
});

it('a run that is not told of is as it was', async () => {
  const two = enumerable({ name: 'two', answers: { '*': { a: 1, b: 1 } } });
  const plain = await ask(composed(two, 'selfConsistency(n=5)'), QUESTION, { trace: true });
  const told = await ask(composed(two, 'selfConsistency(n=5)'), QUESTION, {
    trace: true,
    telemetry: await openTelemetry(),
  });
  const bare = ({ trace: own }: typeof plain) => own && tracesInside(own);
  expect([told.text, told.usage, bare(told)]).toEqual([plain.text, plain.usage, bare(plain)]);
});
