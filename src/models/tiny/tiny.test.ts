import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ask,
  assistant,
  ContextOverflow,
  enumerate,
  memoryJournal,
  plus,
  possibleOf,
  rootScope,
  stream,
  textOf,
  user,
  type Context,
  type Process,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { topK } from '../../decode/index.ts';
import { byteToken, randomWeights } from '../../tiny/test-support/random-weights.ts';
import { tiny } from './tiny.ts';

const [a, b, c, space] = Array.from('abc ', byteToken) as [number, number, number, number];
const ab = 264;
const MERGES: [number, number][] = [
  [a, b], // 264
  [space, ab], // 265
  [ab, c], // 266
  [b, c], // 267
];
/** Every token but the end and a few letters is ruled out, so texts are short and of few letters. */
const weights = randomWeights({
  merges: MERGES,
  likely: [0, a, b, c, space, 264, 265, 266, 267],
  sharpness: 2,
  seed: 4,
});
/** Bytes only. */
const letters = randomWeights({ likely: [0, a, b, c, space], sharpness: 2, seed: 5 });
const model = tiny({ weights });
const plain = tiny({ weights: letters, name: 'letters' });

const question = (text: string, rest: Partial<Request> = {}): Request => ({ prompt: [user(text)], ...rest });
const inContext = async <T>(run: (context: Context) => Promise<T>, seed: number | string = 0): Promise<T> => {
  const { context, close } = rootScope({ seed });
  try {
    return await run(context);
  } finally {
    close();
  }
};
const text = (sample: Sample): string => textOf(sample.content);
const settings = fc.record({
  temperature: fc.constantFrom(0, 0.5, 1, 1.7),
  topK: fc.constantFrom(undefined, 1, 3),
  topP: fc.constantFrom(undefined, 0.6, 0.9),
  providerOptions: fc.constantFrom(undefined, { tiny: { minP: 0.2 } }),
});

describe('the same seed gives the same samples', () => {
  it('in one call for many, in many calls at once, and one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.nat(1000), fc.constantFrom('a', 'cab', ''), async (settings, seed, prompt) => {
        const request = question(prompt, { ...settings, maxOutputTokens: 20, logprobs: 2 });
        const together = await inContext((context) => model.sample({ ...request, n: 9 }, context), seed);
        const apart = await inContext(
          (context) => Promise.all(Array.from({ length: 9 }, (_, from) => model.sample({ ...request, from }, context))),
          seed,
        );
        const inTurn: Sample[] = [];
        for (let from = 0; from < 9; from++)
          inTurn.push(...(await inContext((context) => model.sample({ ...request, from }, context), seed)).samples);
        const bare = (samples: readonly Sample[]): unknown =>
          samples.map((sample) => ({ ...sample, usage: undefined }));
        expect(bare(apart.flatMap(({ samples }) => samples))).toEqual(bare(together.samples));
        expect(bare(inTurn)).toEqual(bare(together.samples));
        const sum = (of: 'inputTokens' | 'outputTokens'): number =>
          apart.reduce((sum, { usage }) => sum + (usage[of] ?? NaN), 0);
        expect(together.usage).toMatchObject({
          calls: 9,
          inputTokens: sum('inputTokens'),
          outputTokens: sum('outputTokens'),
          usd: 0,
        });
      }),
      { numRuns: 15 },
    );
  });

  it('64 at once, next to other work', async () => {
    const request = question('abc', { n: 64, maxOutputTokens: 12 });
    const quiet = await inContext((context) => model.sample(request, context));
    const [busy] = await Promise.all([
      inContext((context) => model.sample(request, context)),
      ...['a', 'b c', 'ccc'].map((prompt) => inContext((context) => model.sample(question(prompt, { n: 5 }), context))),
    ]);
    expect(busy.samples).toEqual(quiet.samples);
    expect(new Set(quiet.samples.map(text)).size).toBeGreaterThan(10);
  });

  it('streamed as sampled', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const request = question('ab', { maxOutputTokens: 15, stopSequences: ['ca', ' b'] });
      const whole = await ask(model, request, { seed });
      let streamed = '';
      const kinds: string[] = [];
      let last: unknown;
      for await (const part of stream(model, request, { seed })) {
        if (kinds.at(-1) !== part.type) kinds.push(part.type);
        if (part.type === 'text-delta') streamed += part.delta;
        if (part.type === 'finish') last = part.sampled.samples[0];
      }
      expect(streamed).toBe(whole.text);
      expect(kinds.filter((kind) => kind !== 'text-delta')).toEqual(['text-start', 'text-end', 'finish']);
      expect(last).toEqual(whole.sample);
    }
  });

  it('streamed with the tokens of each piece, where log-probabilities are asked for', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const request = question('ab', { maxOutputTokens: 15, logprobs: 2 });
      const { sample } = await ask(model, request, { seed });
      const told: number[] = [];
      for await (const part of stream(model, request, { seed }))
        if (part.type === 'text-delta') told.push(...(part.tokens ?? []).map(({ logprob }) => logprob));
      const all = (sample.tokens ?? []).map(({ logprob }) => logprob);
      expect(told.length).toBeGreaterThan(0);
      expect(told).toEqual(all.slice(0, told.length));
    }
  });
});

describe('probabilities', () => {
  it('the score of a sample is its own log-probability, at all settings', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.nat(1000), async (settings, seed) => {
        const request = question('cab', settings);
        await inContext(async (context) => {
          const { samples } = await plain.sample({ ...request, n: 4, logprobs: true }, context);
          for (const sample of samples.filter(({ finish }) => finish.raw === 'end')) {
            const scored = await plain.score?.(request, text(sample), context);
            expect(Math.abs((scored?.logprob as number) - (sample.logprob as number))).toBeLessThan(1e-9);
            expect(scored?.tokens?.map(({ logprob }) => logprob)).toEqual(sample.tokens?.map(({ logprob }) => logprob));
          }
        }, seed);
      }),
      { numRuns: 30 },
    );
  });

  it('tokens join to the text and their log-probabilities to that of the sample', async () => {
    const { samples } = await ask(
      model,
      question('b', { n: 30, maxOutputTokens: 15, stopSequences: ['bca'], logprobs: 3 }),
    );
    for (const sample of samples) {
      const tokens = sample.tokens ?? [];
      expect(tokens.map(({ token }) => token).join('')).toBe(text(sample));
      expect(tokens.reduce((sum, { logprob }) => sum + logprob, 0)).toBeCloseTo(sample.logprob as number, 10);
      expect(tokens.every(({ alternatives }) => alternatives?.length === 3)).toBe(true);
    }
  });

  it('the next-token process multiplies to the score', async () => {
    await inContext(async (context) => {
      const request = question('a b');
      let process = (await plain.open?.(request, context)) as Process;
      let logprob = 0;
      for (const letter of 'abca') {
        const before = await process.next();
        expect(before.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 12);
        const token = process.vocabulary.indexOf(letter);
        logprob += before[token] as number;
        const next = await process.push(token);
        await process.push(b); // another future of the same past
        expect(await process.next()).toEqual(before);
        process = next;
      }
      logprob += (await process.next())[process.end] as number;
      expect((await plain.score?.(request, 'abca', context))?.logprob).toBeCloseTo(logprob, 10);
      await expect(process.push(process.end)).rejects.toThrow('adds nothing to a text');
    });
  });

  it('says ahead what its spelling rules out, from the first token on', async () => {
    await inContext(async (context) => {
      let process = (await plain.open?.(question('a b'), context)) as Process;
      for (const letter of ['', 'a', 'b', ' ']) {
        if (letter) process = await process.push(process.vocabulary.indexOf(letter));
        const next = await process.next();
        const may = process.vocabulary.map((_, token) => possibleOf(process)?.may(token));
        expect(may).toEqual([...next].map((logprob) => logprob > -Infinity));
      }
    });
  });
});

describe('continueFrom', () => {
  /** Every text of at most `most` letters with its probability, end included; the rest of the mass is longer texts. */
  const texts = async (most: number): Promise<Map<string, number>> => {
    const law = new Map<string, number>();
    await inContext(async (context) => {
      const walk = async (process: Process, text: string, logprob: number): Promise<void> => {
        const next = await process.next();
        law.set(text, Math.exp(logprob + (next[process.end] as number)));
        await Promise.all(
          process.vocabulary.map(async (more, token) => {
            const own = next[token] as number;
            if (more && own > -600 && text.length + more.length <= most)
              await walk(await process.push(token), text + more, logprob + own);
          }),
        );
      };
      await walk((await model.open?.(question('c'), context)) as Process, '', 0);
    });
    return law;
  };
  /** The same from `continueFrom`, by enumeration of all its choices up to the same length; `...` is all longer texts. */
  const enumerated = async (prefix: string, most: number): Promise<Map<string, number>> => {
    const law = new Map<string, number>();
    const paths = enumerate(async (choice) => {
      const { context, close } = rootScope({ choice });
      const request = question('c', { maxOutputTokens: most + 1 - prefix.length });
      const sampled = await model.continueFrom?.(request, prefix, context);
      close();
      const sample = sampled?.samples[0] as Sample;
      return sample.finish.raw === 'end' && text(sample).length <= most ? text(sample) : '...';
    });
    for await (const { probability, value } of paths) law.set(value, (law.get(value) ?? 0) + probability);
    return law;
  };

  it('is the law of texts given that they begin with the prefix, words that reach over its edge included', async () => {
    const all = await texts(5);
    for (const prefix of ['a', 'ab', 'b', 'c ', 'ca', 'cab', ' a', 'a  ', 'bc', 'ab a']) {
      const law = await enumerated(prefix, prefix.length + 1);
      const given = [...law].filter(([outcome]) => outcome !== '...');
      expect(given.length).toBeGreaterThanOrEqual(4);
      // P(text | prefix) / P(text) is the same for every text: 1 / P(prefix).
      const [some, p] = given[0] as [string, number];
      const ratio = p / (all.get(some) as number);
      expect(ratio).toBeGreaterThan(1);
      for (const [outcome, p] of given) {
        expect(outcome.startsWith(prefix)).toBe(true);
        expect(p / (all.get(outcome) as number) / ratio).toBeCloseTo(1, 9);
      }
      const missing = [...all.keys()].filter((one) => one.startsWith(prefix) && one.length <= prefix.length + 1);
      expect(new Set(given.map(([outcome]) => outcome))).toEqual(new Set(missing));
    }
  });

  it('holds the prefix, counts it as input, and gives the same samples alone and together', async () => {
    const request = question('c', { maxOutputTokens: 6, stopSequences: [' '] });
    const given = 'a b';
    const together = await inContext(async (context) => model.continueFrom?.({ ...request, n: 6 }, given, context));
    const apart = await inContext((context) =>
      Promise.all(
        Array.from({ length: 6 }, async (_, from) => model.continueFrom?.({ ...request, from }, given, context)),
      ),
    );
    const texts = together?.samples.map(text) ?? [];
    expect(texts.every((one) => one.startsWith(given) && !one.slice(3).includes(' '))).toBe(true);
    expect(apart.map((sampled) => text(sampled?.samples[0] as Sample))).toEqual(texts);
    expect(together?.usage.inputTokens).toBe(6 * (3 + 3));
  });

  it('with an empty prefix is sampling, and its log-probability is that of the whole text', async () => {
    await inContext(async (context) => {
      const request = question('ca', { n: 5 });
      expect((await plain.continueFrom?.(request, '', context))?.samples).toEqual(
        (await plain.sample(request, context)).samples,
      );
      const continued = await plain.continueFrom?.(request, 'bb', context);
      for (const sample of continued?.samples.filter(({ finish }) => finish.raw === 'end') ?? [])
        expect((await plain.score?.(request, text(sample), context))?.logprob).toBeCloseTo(
          sample.logprob as number,
          10,
        );
      const greedy = await plain.continueFrom?.({ ...request, temperature: 0 }, 'cccbb', context);
      expect(new Set(greedy?.samples.map(text)).size).toBe(1);
    });
  });
});

describe('limits', () => {
  it('maxOutputTokens counts tokens drawn, and the context is never overrun', async () => {
    const { samples, usage } = await ask(plain, question('a', { n: 40, maxOutputTokens: 3 }));
    for (const sample of samples) {
      const length = text(sample).length;
      expect(length).toBeLessThanOrEqual(sample.finish.raw === 'end' ? 2 : 3);
      expect(sample.finish.unified).toBe(sample.finish.raw === 'end' ? 'stop' : 'length');
    }
    expect(usage.outputTokens).toBeLessThanOrEqual(120);
    const endless = tiny({ weights: randomWeights({ likely: [a, b] }) });
    const long = await ask(endless, question('a'.repeat(50)));
    expect(long.text).toHaveLength(80 - 52 + 1);
    expect(long.sample.finish).toEqual({ unified: 'length', raw: 'limit' });
    expect((await ask(endless, question('a'.repeat(78)))).text).toHaveLength(1);
  });

  it('a conversation that does not fit is a clear error', async () => {
    const long = question('a'.repeat(79));
    await expect(ask(model, long)).rejects.toThrow('plusx:tiny: 81 tokens do not fit the context of 80. Shorten');
    await expect(ask(model, long)).rejects.toBeInstanceOf(ContextOverflow);
    await inContext(async (context) => {
      await expect(model.score?.(question('a'), 'b'.repeat(80), context)).rejects.toBeInstanceOf(ContextOverflow);
      await expect(model.continueFrom?.(question('a'), 'b'.repeat(80), context)).rejects.toBeInstanceOf(
        ContextOverflow,
      );
      await expect(model.open?.(long, context)).rejects.toBeInstanceOf(ContextOverflow);
    });
  });

  it('a budget holds, and is charged for what was drawn', async () => {
    const request = question('ab', { n: 8 });
    const { usage, samples } = await ask(model, request, { budget: { tokens: 200 } });
    expect((usage.inputTokens as number) + (usage.outputTokens as number)).toBeLessThanOrEqual(200);
    expect(samples.length).toBeGreaterThan(0);
  });

  it('an abort stops the drawing', async () => {
    const endless = tiny({ weights: randomWeights({ likely: [a, b], config: { context: 4000 } }) });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(ask(endless, question('a', { n: 4 }), { signal: controller.signal })).rejects.toThrow('enough');
    for await (const part of stream(endless, question('a'))) if (part.type === 'text-delta') break;
  });

  it('settings that make no sense are refused by name', async () => {
    for (const [bad, message] of [
      [{ temperature: -1 }, 'temperature must be'],
      [{ topK: 0 }, 'topK must be'],
      [{ topP: 0 }, 'topP must be'],
      [{ maxOutputTokens: 0 }, 'maxOutputTokens must be'],
      [{ providerOptions: { tiny: { minP: 2 } } }, 'minP must be'],
    ] as const)
      await expect(ask(model, question('a', bad))).rejects.toThrow(message);
  });
});

it('what it cannot do it says', async () => {
  const { warnings } = await ask(
    model,
    question('a', {
      maxOutputTokens: 1,
      presencePenalty: 1,
      tools: [{ type: 'function', name: 't', inputSchema: {} }],
    }),
  );
  expect(warnings.map(({ message }) => message)).toEqual([
    'plusx:tiny writes plain text and ignores presencePenalty',
    'plusx:tiny writes plain text and ignores tools',
  ]);
});

it('a run that is repeated from its journal draws nothing', async () => {
  const journal = memoryJournal();
  const request = question('bab', { n: 3, logprobs: true });
  const first = await ask(model, request, { journal });
  const second = await ask(model, request, { journal });
  expect(second.samples.map(text)).toEqual(first.samples.map(text));
  expect(second.usage).toMatchObject({ calls: 3, replays: 3 });
  const other = await ask(tiny({ weights: randomWeights({ seed: 9, likely: [0, a, b] }) }), request, { journal });
  expect(other.usage.replays).toBe(0); // other weights are another model
});

it('reads earlier turns', async () => {
  const later: Request = { prompt: [user('a'), assistant('b'), user('c')], n: 20, maxOutputTokens: 4 };
  const { samples, usage } = await ask(model, later);
  expect(usage.inputTokens).toBe(20 * 8);
  expect(samples).not.toEqual((await ask(model, { ...later, prompt: [user('c')] })).samples);
});

it('under a decoder of tokens, its tokens are counted once, as one call, at no less than the budget allows', async () => {
  const model = tiny({ weights: letters });
  const greedy = plus(model, topK({ k: 1 }));
  const { usage, text } = await ask(greedy, 'a b', { budget: { calls: 1, tokens: 200 } });
  const { usage: own } = await ask(model, { ...question('a b'), temperature: 0, maxOutputTokens: 1 });
  expect(usage.calls).toBe(1);
  expect(usage.inputTokens).toBe(own.inputTokens);
  expect(usage.outputTokens).toBeLessThanOrEqual(200 - (own.inputTokens as number));
  expect(text === '' ? 0 : 1).toBeLessThanOrEqual(usage.outputTokens as number);
});
