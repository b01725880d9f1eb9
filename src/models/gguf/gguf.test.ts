import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  rootScope,
  seeded,
  textOf,
  user,
  type ContextOptions,
  type Model,
  type Request,
  type Sampled,
} from '../../core/index.ts';
import { law } from './law.ts';
import { LlamaMissing, llamaLibrary, type LlamaLibrary, type LlamaNext } from './library.ts';
import { written } from './text.ts';
import { gguf } from './gguf.ts';
import { among, likeliestLaw, wayOf, type Look } from './next.ts';
import { writeTinyGguf } from './test-support/writer.ts';

/** PLUSX_LLAMA is the address of the module, where it is installed elsewhere. */
const library = await llamaLibrary((name) => import(process.env['PLUSX_LLAMA'] ?? name) as Promise<unknown>).catch(
  () => undefined,
);
if (!library) console.warn('gguf: node-llama-cpp is not installed, so the tests that need it are skipped');

const ask = (text: string, more: Partial<Request> = {}): Request => ({ prompt: [user(text)], ...more });
const texts = ({ samples }: Sampled): string[] => samples.map(({ content }) => textOf(content));
async function run<T>(
  work: (context: ReturnType<typeof rootScope>['context']) => Promise<T>,
  options: ContextOptions = {},
): Promise<T> {
  const { context, close } = rootScope(options);
  try {
    return await work(context);
  } finally {
    close();
  }
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gguf-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('without the library', () => {
  it('says how to install it, with and without the GPU builds', async () => {
    const absent = Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' });
    const error = await llamaLibrary(() => Promise.reject(absent)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LlamaMissing);
    expect(String(error)).toMatch(
      /not installed.*npm i --omit=optional --ignore-scripts node-llama-cpp @node-llama-cpp\/\w+-\w+.*npm i node-llama-cpp\./,
    );
    expect(String(error)).not.toContain('\n');
  });

  it('tells a library that is there and does not load', async () => {
    await expect(llamaLibrary(() => Promise.reject(new Error('bad\nbinary')))).rejects.toThrow(
      'does not load: Error: bad binary',
    );
  });
});

describe('the law of the next token', () => {
  const logits = Float64Array.from([1, 3, 2, 0, 3]);
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + Math.exp(value), 0);
  it.each([
    {},
    { temperature: 0.3 },
    { topK: 2 },
    { topP: 0.6 },
    { topK: 3, topP: 0.5, temperature: 2 },
    { temperature: 0 },
  ])('sums to 1 with %o', (request) => {
    for (const ends of [[], [0], [0, 2, 3]]) expect(sum(law(logits, request, ends))).toBeCloseTo(1, 12);
  });
  it('takes the first of the likeliest at temperature 0', () => {
    expect([...law(logits, { temperature: 0 }, [])]).toEqual([-Infinity, 0, -Infinity, -Infinity, -Infinity]);
  });
  it('gives the first end the probability of every end', () => {
    const [plain, joined] = [law(logits, {}, [0]), law(logits, {}, [0, 2])];
    expect(Math.exp(joined[0] as number)).toBeCloseTo(Math.exp(plain[0] as number) + Math.exp(plain[2] as number), 12);
    expect(joined[2]).toBe(-Infinity);
  });
});

describe('the law made from the likeliest tokens', () => {
  const VOCABULARY = 400;
  const choice = seeded('likeliest');
  const flat = Array.from({ length: 1001 }, () => 1);
  const logits = Float64Array.from({ length: VOCABULARY }, () => choice.categorical(flat) / 50);
  const order = [...logits.keys()].toSorted((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  const highest = logits[order[0] as number] as number;
  const given = (temperature: number, count: number, ends: readonly number[]): LlamaNext => ({
    logits: new Map([...order.slice(0, count), ...ends].map((id) => [id, (logits[id] as number) / (temperature || 1)])),
    totalLogitWeight: logits.reduce((sum, logit) => sum + Math.exp((logit - highest) / (temperature || 1)), 0),
  });
  const look = (settings: Look['settings'], ends: readonly number[]): Look => ({
    way: 'likeliest',
    settings,
    ends,
    alternatives: 0,
  });

  it.each([
    { topP: 0.9 },
    { topP: 0.5, temperature: 0.4 },
    { topP: 0.8, topK: 7 },
    { topP: 1e-9 },
    { temperature: 0 },
    { temperature: 0, topP: 0.5 },
  ])('is the law of all logits, with %o', (settings) => {
    for (const ends of [[], [order[1] as number], [order[1] as number, order[0] as number, order[390] as number]]) {
      const whole = law(logits, settings, ends);
      const kept = likeliestLaw(given(settings.temperature ?? 1, 256, ends), look(settings, ends), VOCABULARY) ?? [];
      expect(kept.length).toBe(whole.filter((value) => value > -Infinity).length);
      for (const [id, logprob] of kept) expect(logprob).toBeCloseTo(whole[id] as number, 9);
      expect(kept.map(([id]) => id)).toEqual(kept.map(([id]) => id).toSorted((a, b) => a - b));
    }
  });

  it('is not made where they do not hold enough', () => {
    expect(likeliestLaw(given(1, 20, []), look({ topP: 0.999 }, []), VOCABULARY)).toBeUndefined();
    const equal: LlamaNext = { logits: new Map([0, 1, 2].map((id) => [id, 1])), totalLogitWeight: 5 };
    expect(likeliestLaw(equal, look({ temperature: 0 }, []), 5)).toBeUndefined();
    expect(likeliestLaw(equal, look({ temperature: 0 }, []), 3)).toEqual([[0, 0]]);
  });

  it('reports the ways to end as one, and a token that is left out as impossible', () => {
    const half = Math.log(0.5);
    const law = [
      [3, half],
      [7, half],
    ] as const;
    expect(among(law, 7, look({}, [9, 7]))).toMatchObject({ token: 9, logprob: half });
    expect(among(law, 5, look({}, [9, 7])).logprob).toBe(-Infinity);
    expect(among(law, 3, { ...look({}, [9, 7]), alternatives: 5 }).alternatives).toEqual([
      [3, half],
      [9, half],
    ]);
  });

  it.each([
    [{}, false, 'engine'],
    [{ temperature: 0.5, topK: 20 }, false, 'engine'],
    [{ topP: 1 }, false, 'engine'],
    [{ topP: 0.9 }, false, 'likeliest'],
    [{ temperature: 0 }, false, 'likeliest'],
    [{ topK: 5000 }, false, 'all'],
    [{}, true, 'all'],
  ] as const)('%o, exact %s: %s', (settings, exact, way) => {
    expect(wayOf(settings, exact)).toBe(way);
  });
});

describe('text as it grows', () => {
  it.each([
    ['abc', ['x'], 'abc', undefined],
    ['abST', ['STOP', 'Q'], 'ab', undefined],
    ['abSTOPcd', ['cd', 'STOP'], 'ab', 'ab'],
    ['ab\uFFFD', [], 'ab', undefined],
  ] as const)('%j with stops %j', (text, stops, safe, stopped) => {
    expect(written(text, stops)).toEqual({ safe, stopped });
  });
});

describe.skipIf(!library)('a GGUF file', () => {
  let file = '';
  let model: Model & AsyncDisposable;
  beforeAll(async () => {
    file = join(folder, 'tiny.gguf');
    await writeTinyGguf(file);
    model = await gguf(file, { library: library as LlamaLibrary, threads: 1 });
  });
  afterAll(() => model?.[Symbol.asyncDispose]());
  const sample = (request: Request, options?: ContextOptions, of = model): Promise<Sampled> =>
    run((context) => of.sample(request, context), options);
  const required = <T>(value: T | undefined): T => value as T;

  it('gives the same text for the same seed, and others for others', async () => {
    const [a, b, c] = [
      await sample(ask('hi'), { seed: 1 }),
      await sample(ask('hi'), { seed: 1 }),
      await sample(ask('hi'), { seed: 2 }),
    ];
    expect(texts(a)).toEqual(texts(b));
    expect(texts(a)).not.toEqual(texts(c));
  });

  it('n candidates are the draws by `from`, more than there are sequences too', async () => {
    const together = texts(await sample(ask('hi', { n: 6 })));
    const single: string[] = [];
    for (let from = 0; from < 6; from++) single.push(...texts(await sample(ask('hi', { from }))));
    expect(together).toEqual(single);
    expect(new Set(together).size).toBeGreaterThan(2);
  });

  it.each([{}, { temperature: 0.7 }, { topK: 20, topP: 0.9 }])(
    'scores a sample as it was drawn, with %o',
    async (settings) => {
      const request = ask('say it', settings);
      const { samples } = await sample({ ...request, n: 12 });
      const ended = samples.filter(({ finish, content }) => finish.raw === 'end' && !/th|\uFFFD/.test(textOf(content)));
      expect(ended.length).toBeGreaterThan(1);
      for (const { content, logprob } of ended) {
        const { logprob: scored } = await run((context) => required(model.score)(request, textOf(content), context));
        expect(Math.abs(scored - (logprob as number))).toBeLessThan(1e-5 * Math.max(1, Math.abs(scored)));
      }
    },
  );

  it.each([{}, { temperature: 0.5 }, { topK: 5 }, { topP: 0.8, temperature: 0.7 }, { topP: 0.999, temperature: 3 }])(
    'draws by the law that its process has, and says so, with %o',
    async (settings) => {
      const DRAWS = 300;
      const request = ask('draw', settings);
      const { law, spelt, end } = await run(async (context) => {
        const process = await required(model.open)(request, context);
        return { law: await process.next(), spelt: process.vocabulary, end: process.end };
      });
      const { samples } = await sample({ ...request, n: DRAWS, maxOutputTokens: 1, logprobs: 3 });
      const counts = new Map<number, number>();
      for (const { tokens = [] } of samples) {
        const [first] = tokens;
        const id = first?.token === '' ? end : spelt.indexOf(first?.token ?? '');
        counts.set(id, (counts.get(id) ?? 0) + 1);
        // A byte that is no whole character is spelt as others are.
        const known = first?.token.includes('\uFFFD') ? first.logprob : law[id];
        expect(first?.logprob).toBeCloseTo(known ?? NaN, 3);
        const values = first?.alternatives?.map(({ logprob }) => logprob) ?? [];
        expect(values[0]).toBeCloseTo(Math.max(...law), 3);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
      }
      // The twelve likeliest, each within four standard deviations.
      const likely = [...law.keys()].toSorted((a, b) => (law[b] as number) - (law[a] as number)).slice(0, 12);
      for (const id of likely) {
        if (spelt[id]?.includes('\uFFFD')) continue;
        const p = Math.exp(law[id] as number);
        const spread = Math.sqrt((p * (1 - p)) / DRAWS);
        expect(Math.abs((counts.get(id) ?? 0) / DRAWS - p)).toBeLessThan(4 * spread + 1e-9);
      }
    },
  );

  it('reads the prompt of several candidates once, and gives each the text that it has alone', async () => {
    const request = ask('x'.repeat(60), { maxOutputTokens: 12 });
    for (const threads of [1, 2]) {
      await using several = await gguf(file, { library: library as LlamaLibrary, threads, sequences: 4 });
      const together = await sample({ ...request, n: 6 }, {}, several);
      const each = together.usage.inputTokens ?? NaN;
      expect(together.usage.cachedInputTokens).toBe((each / 6 - 1) * 5);
      const alone: string[] = [];
      for (let from = 0; from < 6; from++) alone.push(...texts(await sample({ ...request, from }, {}, several)));
      expect(texts(together)).toEqual(alone);
    }
  });

  it('draws from all logits where it is asked to be exact, and where the engine does not decide by the same number', async () => {
    await using exact = await gguf(file, { library: library as LlamaLibrary, threads: 1, exact: true });
    const request = ask('exactly', { topP: 0.9, n: 4 });
    expect(texts(await sample(request, {}, exact))).toEqual(texts(await sample(request)));
    const plain = ask('exactly', { n: 4 });
    for (const { content, logprob, finish } of (await sample(plain, {}, exact)).samples) {
      const text = textOf(content);
      if (finish.raw !== 'end' || /th|\uFFFD/.test(text)) continue;
      const { logprob: scored } = await run((context) => required(model.score)(plain, text, context));
      expect(scored).toBeCloseTo(logprob as number, 2);
    }
  });

  it('continues from a prefix with the law that the process has there', async () => {
    const request = ask('go', { temperature: 0, maxOutputTokens: 1 });
    const { samples } = await run((context) =>
      required(model.continueFrom)({ ...request, logprobs: true }, 'abc', context),
    );
    const next = await run(async (context) => {
      let process = await required(model.open)(ask('go'), context);
      for (const letter of 'abc') process = await process.push(process.vocabulary.indexOf(letter));
      const values = await process.next();
      return process.vocabulary[values.indexOf(Math.max(...values))];
    });
    expect(textOf(samples[0]?.content ?? [])).toBe(`abc${next}`);
    expect(samples[0]?.tokens?.map(({ token }) => token)).toEqual(['a', 'b', 'c', next]);
  });

  it('has a process that sums to 1, keeps the states it came from, and agrees with score', async () => {
    await run(async (context) => {
      const start = await required(model.open)(ask('x'), context);
      const before = await start.next();
      expect(before.reduce((total, value) => total + Math.exp(value), 0)).toBeCloseTo(1, 9);
      const [a, b] = ['a', 'b'].map((letter) => start.vocabulary.indexOf(letter)) as [number, number];
      const [left, right] = [await start.push(a), await start.push(b)];
      const after = await left.next();
      await right.next();
      const again = await (await required(model.open)(ask('x'), context)).next();
      expect(Math.max(...before.map((value, i) => Math.abs(value - (again[i] as number))))).toBeLessThan(1e-5);
      const { logprob } = await required(model.score)(ask('x'), 'a', context);
      expect((before[a] as number) + (after[start.end] as number)).toBeCloseTo(logprob, 5);
      await expect(start.push(start.end)).rejects.toThrow('not end the text');
    });
  });

  it('streams what it samples', async () => {
    const request = ask('flow', { stopSequences: ['zz'], from: 2 });
    const { deltas, finish } = await run(async (context) => {
      const deltas: string[] = [];
      let finish: Sampled | undefined;
      for await (const part of required(model.stream)(request, context)) {
        if (part.type === 'text-delta') deltas.push(part.delta);
        if (part.type === 'finish') finish = part.sampled;
      }
      return { deltas, finish: required(finish) };
    });
    const whole = texts(await sample(request))[0];
    expect(deltas.join('')).toBe(whole);
    expect(texts(finish)).toEqual([whole]);
    expect(deltas.length).toBeGreaterThan(1);
  });

  it('stops at a stop sequence, at the output limit and at the end of the context', async () => {
    const stopped = await sample(ask('stop', { n: 8, stopSequences: ['a'] }));
    expect(texts(stopped).join('')).not.toContain('a');
    expect(stopped.samples.some(({ finish }) => finish.raw === 'stop-sequence')).toBe(true);
    const short = await sample(ask('short', { n: 4, maxOutputTokens: 2 }));
    expect(short.usage.outputTokens).toBeLessThanOrEqual(8);
    expect(short.samples.some(({ finish }) => finish.unified === 'length')).toBe(true);
    const long = await sample(ask('y'.repeat(124), { n: 4 }));
    expect(long.samples.some(({ finish }) => finish.raw === 'context')).toBe(true);
    await expect(sample(ask('y'.repeat(200)))).rejects.toThrow(/202 tokens do not fit the context of 128.*contextSize/);
  });

  it('keeps within a budget of tokens', async () => {
    const { usage, exhausted } = await sample(ask('count', { n: 8, maxOutputTokens: 20 }), { budget: { tokens: 100 } });
    expect((usage.inputTokens ?? NaN) + (usage.outputTokens ?? NaN)).toBeLessThanOrEqual(100);
    expect(exhausted).toBe('tokens');
  });

  it('stops when it is told to, and works on afterwards', async () => {
    const controller = new AbortController();
    await expect(
      run(
        async (context) => {
          for await (const part of required(model.stream)(ask('abort'), context))
            if (part.type === 'text-delta') controller.abort(new Error('enough'));
        },
        { signal: controller.signal },
      ),
    ).rejects.toThrow('enough');
    expect((await sample(ask('abort', { n: 4 }))).samples).toHaveLength(4);
  });

  it('reads the text of a user as text, never as special tokens', async () => {
    const open = await sample(ask('<|end|>', { maxOutputTokens: 1 }));
    expect(open.usage.inputTokens).toBe(2 + '<|end|>'.length);
  });

  it('samples as its file or its card recommends where it is told to, and says what it leaves out', async () => {
    const home = join(folder, 'card');
    await mkdir(home);
    const [own, plain] = [join(home, 'own.gguf'), join(home, 'plain.gguf')];
    await writeTinyGguf(own, { sampling: { temp: 0.25, top_k: 7, top_p: 0.75, min_p: 0.5 } });
    await writeTinyGguf(plain);
    const options = { library: library as LlamaLibrary, threads: 1, name: 'm' };
    const request = ask('card', { n: 3 });
    await using carded = await gguf(own, { ...options, defaults: 'card' });
    const drawn = await sample(request, {}, carded);
    const same = await sample({ ...request, temperature: 0.25, topK: 7, topP: 0.75 });
    expect(texts(drawn)).toEqual(texts(same));
    expect(drawn.warnings.map(({ message }) => message)).toEqual(['m recommends min_p 0.5, which is not done']);
    const free = { ...request, temperature: 1, topK: 260, topP: 1 };
    expect(texts(await sample(free, {}, carded))).not.toEqual(texts(drawn));
    await expect(gguf(plain, { ...options, defaults: 'card' })).rejects.toThrow(/this one has none.*got "card"/);
    await writeFile(join(home, 'generation_config.json'), '{"do_sample": false, "repetition_penalty": 1.1}');
    await using greedy = await gguf(plain, { ...options, defaults: 'card' });
    const { samples, warnings } = await sample(request, {}, greedy);
    expect(samples[0]?.logprob).toBe(0);
    expect(warnings[0]?.message).toContain('repetition_penalty 1.1');
    expect(texts(await sample(request))).not.toEqual(texts({ samples } as Sampled));
  });

  it('takes another template, and the texts alone where the file has none', async () => {
    const bare = join(folder, 'bare.gguf');
    await writeTinyGguf(bare, { template: false });
    const options = { library: library as LlamaLibrary, sequences: 1, threads: 1 };
    await using plain = await gguf(bare, options);
    expect((await sample(ask('12345', { maxOutputTokens: 1 }), {}, plain)).usage.inputTokens).toBe(5);
    await using chat = await gguf(bare, {
      ...options,
      template: ([first]) => `<|user|>${first?.content}<|assistant|>`,
    });
    const request = ask('hi', { maxOutputTokens: 8 });
    expect(texts(await sample(request, {}, chat))).toEqual(texts(await sample(request)));
  });

  it('says what is wrong with a file', async () => {
    const broken = join(folder, 'broken.gguf');
    await writeFile(broken, (await readFile(file)).subarray(0, 9000));
    const options = { library: library as LlamaLibrary };
    await expect(gguf(broken, options)).rejects.toThrow(
      /broken.gguf cannot be loaded as a GGUF model: .*Check that it is whole/,
    );
    await writeFile(broken, 'no model');
    await expect(gguf(broken, options)).rejects.toThrow('cannot be loaded as a GGUF model');
    await expect(gguf(join(folder, 'none.gguf'), options)).rejects.toThrow('there is no such file');
    await expect(gguf(file, { ...options, sequences: 0 })).rejects.toThrow(
      'sequences must be a whole number of at least 1, got 0',
    );
  });
});
