import { describe, expect, it } from 'vitest';
import { fromBackend } from './calls/from-backend.ts';
import type { Backend, BackendStreamPart } from './calls/backend.ts';
import { MalformedReply } from './errors.ts';
import { memoryJournal } from './calls/journal.ts';
import { textOf, type Content } from './message.ts';
import { plus, type Model, type StreamPart } from './model.ts';
import { ask, stream } from './ask.ts';
import type { Sample } from './sample.ts';
import { partsOf } from './stream.ts';
import { technique } from './technique/technique.ts';
import { progress } from './context/context.ts';

const usage = { inputTokens: 3, outputTokens: 2, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 };
const content: Content[] = [{ type: 'text', text: 'ab' }];
const reply: BackendStreamPart = {
  type: 'reply',
  candidate: { content, finish: { unified: 'stop', raw: 'stop' } },
  usage,
};

/** A back end that writes "ab" letter by letter, and tells what became of its streams. */
function writer(parts: readonly BackendStreamPart[] = [...letters(), reply]): { model: Model; log: string[] } {
  const log: string[] = [];
  const backend: Backend = {
    name: 'writer',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 3, outputTokens: 2 }),
    call: async () => ({ candidates: [{ content, finish: { unified: 'stop', raw: 'stop' } }], usage }),
    async *stream(_, { signal }) {
      log.push('open');
      signal.addEventListener('abort', () => log.push('aborted'));
      try {
        for (const part of parts) {
          await Promise.resolve();
          yield part;
        }
        log.push('end');
      } finally {
        log.push('closed');
      }
    },
  };
  return { model: fromBackend(backend), log };
}

function* letters(): Generator<BackendStreamPart> {
  yield { type: 'text-start', id: '0' };
  for (const delta of 'ab') yield { type: 'text-delta', id: '0', delta };
  yield { type: 'text-end', id: '0' };
}

async function all(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const list: StreamPart[] = [];
  for await (const part of parts) list.push(part);
  return list;
}

describe('the parts of a finished sample', () => {
  it('say on every piece of a text what the text says of itself, and its tokens', () => {
    const providerMetadata = { up: { refusal: true } };
    const tokens = [{ token: 'no', logprob: -1 }];
    expect([...partsOf([{ type: 'text', text: 'no', providerMetadata }], tokens)]).toEqual([
      { type: 'text-start', id: 'part-0' },
      { type: 'text-delta', id: 'part-0', delta: 'no', tokens, providerMetadata },
      { type: 'text-end', id: 'part-0', providerMetadata },
    ]);
  });

  it('hold the tokens of a model that does not stream', async () => {
    const tokens = [{ token: 'ab', logprob: -1 }];
    const backend: Backend = {
      name: 'whole',
      can: { logprobs: true, continueFrom: false, score: false, next: false, concurrency: 1 },
      semantics: { kind: 'exact', target: 'P', why: 'a test' },
      bound: () => ({ inputTokens: 3, outputTokens: 2 }),
      call: async () => ({ candidates: [{ content, tokens, finish: { unified: 'stop', raw: 'stop' } }], usage }),
    };
    const picked = technique({
      name: 'picked',
      room: 'search',
      summary: '',
      paper: '',
      options: {},
      calls: '1',
      rounds: '1',
      semantics: () => ({ kind: 'exact', target: 'P', why: '' }),
      run: async (base, request, context) => (await base.sample(request, context)).samples[0] as Sample,
    });
    const model = fromBackend(backend);
    for (const one of [model, plus(model, picked())])
      expect(await all(stream(one, { prompt: 'q', logprobs: true }))).toContainEqual(
        expect.objectContaining({ type: 'text-delta', tokens }),
      );
  });
});

describe('the stream of a back end', () => {
  it('hands its parts on and ends with the whole sample and its account', async () => {
    const parts = await all(stream(writer().model, 'q'));
    expect(parts.map(({ type }) => type)).toEqual(['text-start', 'text-delta', 'text-delta', 'text-end', 'finish']);
    expect(parts.at(-1)).toMatchObject({ sampled: { samples: [{ content }], usage: { calls: 1, inputTokens: 3 } } });
  });

  it('is closed, and its call stopped, when the reader leaves', async () => {
    const { model, log } = writer();
    for await (const part of stream(model, 'q')) if (part.type === 'text-delta') break;
    expect(log).toEqual(['open', 'closed', 'aborted']);
  });

  it('charges what a reader who left had reserved', async () => {
    const { model } = writer();
    const budget = { tokens: 9 };
    for await (const part of stream(model, 'q', { budget })) if (part.type === 'text-delta') break;
    await expect(all(stream(model, 'q', { budget: { tokens: 4 } }))).rejects.toThrow(/Budget of 4 tokens/);
  });

  it('is kept in the journal once it is whole, and replayed in parts', async () => {
    const journal = memoryJournal();
    const cut = writer();
    for await (const part of stream(cut.model, 'q', { journal })) if (part.type === 'text-delta') break;
    expect(journal.size).toBe(0);
    await all(stream(cut.model, 'q', { journal }));
    expect(journal.size).toBe(1);
    const { model, log } = writer();
    const parts = await all(stream(model, 'q', { journal }));
    expect(log).toEqual([]);
    expect(parts.at(-1)).toMatchObject({ sampled: { usage: { calls: 1, replays: 1 } } });
    expect((await ask(model, 'q', { journal })).usage.replays).toBe(1);
  });

  it('that ends without a reply is an error', async () => {
    await expect(all(stream(writer([...letters()]).model, 'q'))).rejects.toThrow(MalformedReply);
  });
});

it('content becomes parts that add up to it', () => {
  const whole: Content[] = [
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'a' },
    { type: 'tool-call', toolCallId: '1', toolName: 't', input: '{}' },
    { type: 'text', text: 'b' },
  ];
  const parts = [...partsOf(whole)];
  expect(parts.map(({ type }) => type)).toEqual([
    ...['start', 'delta', 'end'].map((end) => `reasoning-${end}`),
    ...['start', 'delta', 'end'].map((end) => `text-${end}`),
    'tool-call',
    ...['start', 'delta', 'end'].map((end) => `text-${end}`),
  ]);
  expect(parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')).toBe(textOf(whole));
  expect(new Set(parts.flatMap((part) => ('id' in part ? [part.id] : []))).size).toBe(3);
});

describe('the stream of a technique', () => {
  const slowly = technique({
    name: 'slowly',
    room: 'search',
    summary: '',
    paper: '',
    options: {},
    calls: '1',
    rounds: '1',
    semantics: () => ({ kind: 'exact', target: 'P', why: '' }),
    async run(base, request, context) {
      for (const step of ['one', 'two']) {
        progress(context, step);
        await base.sample(request, context);
      }
      const { samples } = await base.sample(request, context);
      return samples[0] as (typeof samples)[number];
    },
  });

  it('tells of the work as thoughts, then answers', async () => {
    const parts = await all(stream(plus(writer().model, slowly()), 'q'));
    expect(parts.map((part) => ('delta' in part ? part.delta : part.type))).toEqual([
      'reasoning-start',
      'one\n',
      'two\n',
      'reasoning-end',
      'text-start',
      'ab',
      'text-end',
      'finish',
    ]);
  });

  it('stops the work when the reader leaves, and passes on its errors', async () => {
    let calls = 0;
    const base: Model = {
      ...writer().model,
      async sample(request, context) {
        calls++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        return writer().model.sample(request, context);
      },
    };
    for await (const _part of stream(plus(base, slowly()), 'q')) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(1);
    const failing: Model = { ...base, sample: () => Promise.reject(new TypeError('bug')) };
    await expect(all(stream(plus(failing, slowly()), 'q'))).rejects.toThrow('bug');
  });
});

describe('the last draw of a technique', () => {
  const twice = (before?: () => void) =>
    technique({
      name: 'twice',
      room: 'recipes',
      summary: '',
      paper: '',
      options: {},
      calls: '2',
      rounds: '2',
      semantics: () => ({ kind: 'heuristic', target: 'P', why: '' }),
      async run(base, request, context, _options, last) {
        await base.sample(request, context);
        progress(context, 'first is done');
        before?.();
        const sample = await last(base, request, context);
        progress(context, 'too late to be told');
        const source: Content = { type: 'source' };
        return { ...sample, content: [...sample.content, source] };
      },
    })();
  const story = (text: string): unknown => ({ type: 'reasoning-delta', id: 'progress', delta: `${text}\n` });

  it('is streamed as it is written, through techniques over techniques, each telling its story once', async () => {
    const { model, log } = writer();
    const once = await all(stream(plus(model, twice()), 'q'));
    expect(once.slice(0, -1)).toEqual([
      { type: 'reasoning-start', id: 'progress', providerMetadata: { plusx: { progress: true } } },
      story('first is done'),
      { type: 'reasoning-end', id: 'progress' },
      ...letters(),
      { type: 'source' },
    ]);
    expect(log).toEqual(['open', 'end', 'closed']);
    const nested = await all(stream(plus(model, twice(), twice()), 'q'));
    expect(nested.filter(({ type }) => type === 'reasoning-delta')).toEqual([
      story('first is done'), // of the inner one, sampled
      story('too late to be told'),
      story('first is done'), // of the outer one
      story('first is done'), // of the inner one, streamed
    ]);
    expect(nested.filter(({ type }) => type === 'text-delta')).toHaveLength(2);
    const { sample } = await ask(plus(model, twice(), twice()), 'q');
    expect(nested.at(-1)).toMatchObject({ sampled: { samples: [{ content: sample.content }] } });
  });

  it('breaks the stream off where it breaks off itself, and is not said again as something else', async () => {
    const { model } = writer([...letters()]); // no reply at its end
    const rescued = technique({
      name: 'rescued',
      room: 'recipes',
      summary: '',
      paper: '',
      options: {},
      calls: '1',
      rounds: '1',
      semantics: () => ({ kind: 'heuristic', target: 'P', why: '' }),
      run: (base, request, context, _options, last) =>
        last(base, request, context).catch(() => ({
          content: [{ type: 'text', text: 'rescued' }],
          finish: { unified: 'stop', raw: undefined },
          weight: 1,
          semantics: { kind: 'heuristic', target: 'P', why: '' },
        })),
    })();
    await expect(all(stream(plus(model, rescued), 'q'))).rejects.toThrow(MalformedReply);
    const { text } = await ask(plus(model, rescued), 'q');
    expect(text).toBe('ab');
  });
});

it('an abort is heard between parts that came in one piece', async () => {
  const model = fromBackend({
    name: 'at once',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 1 },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 1, outputTokens: 3 }),
    call: () => Promise.reject(new Error('not called')),
    async *stream() {
      yield { type: 'text-start', id: 't' };
      for (const delta of ['a', 'b', 'c']) yield { type: 'text-delta', id: 't', delta };
      yield { type: 'text-end', id: 't' };
      const content = [{ type: 'text' as const, text: 'abc' }];
      yield { type: 'reply', candidate: { content, finish: { unified: 'stop', raw: 'stop' } }, usage };
    },
  });
  const controller = new AbortController();
  const reason = new DOMException('enough', 'AbortError');
  const heard: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const part of stream(model, 'q', { signal: controller.signal }))
      if (part.type === 'text-delta') {
        heard.push(part.delta);
        controller.abort(reason);
      } else if (part.type === 'finish') heard.push('finish');
  };
  await expect(reading()).rejects.toBe(reason);
  expect(heard).toEqual(['a']);
});

it('an abort ends a stream whose maker does not listen, before its next part', async () => {
  const { model } = writer();
  const deaf = fromBackend({
    name: 'deaf',
    can: model.can,
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 3, outputTokens: 2 }),
    call: () => new Promise(() => {}),
    async *stream() {
      yield* letters();
      await new Promise(() => {});
    },
  });
  const [controller, reason] = [new AbortController(), new Error('enough')];
  setTimeout(() => controller.abort(reason), 5);
  await expect(all(stream(deaf, 'q', { signal: controller.signal }))).rejects.toBe(reason);
});
