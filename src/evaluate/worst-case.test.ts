import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleOf, host, listening } from '../../scripts/examples.ts';
import { techniques } from '../catalog.ts';
import {
  CapabilityMissing,
  drawOne,
  judge,
  option,
  plus,
  questionOf,
  rootScope,
  system,
  technique,
  user,
  type AnyTechnique,
  type Model,
  type Request,
  type Transform,
} from '../core/index.ts';
import { openaiCompatible } from '../models/openai/index.ts';
import { enumerable, enumerableTokens, scripted } from '../models/written/index.ts';
import { bestOfN, cascade, ensemble, rejection, selfConsistency } from '../search/index.ts';
import { selfRefine } from '../iterate/index.ts';
import { request } from '../rephrase/index.ts';
import { tokenSmc } from '../decode/index.ts';
import type { Task } from '../tasks/task.ts';
import { worstCaseOfCurve } from './worst-case-of-runs.ts';
import { both, NOTHING, times, worstCase } from './worst-case.ts';

const REQUEST: Request = { prompt: [user('How much is 2 + 2?')] };
const paid = openaiCompatible({ model: 'm', baseURL: 'http://127.0.0.1:1/v1', price: { input: 1e-6, output: 4e-6 } });
const base = listening(0);
const judged = judge(scripted(() => '5', { name: 'judging' }));

/** What a model takes for one question, in calls; nothing where a technique cannot work with what it is given. */
async function callsMade(model: Model): Promise<number> {
  const { context, close } = rootScope({ host });
  try {
    return (await model.sample({ ...REQUEST, maxOutputTokens: 50 }, context)).usage.calls;
  } finally {
    close();
  }
}

/** A technique that does all it may do, with a judge where it takes a scorer. */
function demanding(of: AnyTechnique, below: Model): Model | undefined {
  const example = exampleOf(of, below);
  if (!example || of.takes === 'many') return example?.model;
  const { options } = of.definition as { readonly options: { readonly [name: string]: { readonly kind: string } } };
  const scorers = Object.keys(options).filter((name) => options[name]?.kind === 'scorer' && name in example.given);
  const { models: _, ...given } = example.given;
  const withJudges = Object.fromEntries(scorers.filter((name) => given[name]).map((name) => [name, judged]));
  return of({ ...given, ...withJudges })(below);
}

/** Nothing where a technique needs what its base has not. */
function unlessImpossible<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof CapabilityMissing) return undefined;
    throw error;
  }
}

/** Those with an example. The others open their base token by token, and make no calls. */
const CALLING = techniques.filter((of) => exampleOf(of)).map((of) => [of.definition.name, of] as const);

describe('the calls of one inference', () => {
  it.each(CALLING)('are no more than is said: %s', async (_, of) => {
    const model = demanding(of, base) as Model;
    expect(await callsMade(model)).toBeLessThanOrEqual(worstCase(model, REQUEST).calls ?? Infinity);
  });

  it('are no more than is said where techniques stand in each other', async () => {
    const some = techniques.filter((of) => of.definition.room !== 'decode' && of.definition.name !== 'react');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...some), fc.constantFrom(...some), async (inner, outer) => {
        const below = demanding(inner, base);
        const model = below && unlessImpossible(() => demanding(outer, below));
        if (!model) return;
        const said = worstCase(model, REQUEST).calls ?? Infinity;
        if (said > 3000) return; // takes long, and says nothing new
        expect(await callsMade(model)).toBeLessThanOrEqual(said);
      }),
      { numRuns: 60 },
    );
  });

  it('are those of each step, times the steps', () => {
    const calls = (model: Model): number | undefined => worstCase(model, REQUEST).calls;
    expect(calls(base)).toBe(1);
    expect(calls(plus(base, selfRefine({ rounds: 2 }), selfConsistency({ n: 5 })))).toBe(25);
    expect(
      calls(plus(base, bestOfN({ n: 4, score: judge(plus(base, selfConsistency({ n: 3 })), { again: true }) }))),
    ).toBe(4 * (1 + 3 * 2));
    expect(calls(ensemble([base, plus(base, selfRefine({ rounds: 1 }))], { n: 2 }))).toBe(2 * 2 * 3);
  });

  it('have no bound where a judge is asked after every token', () => {
    const written = enumerableTokens({ tokens: ['a', 'b'], next: () => [1, 1, 1], maxTokens: 2 });
    const model = plus(written, tokenSmc({ potential: judged }));
    expect(worstCase(model, REQUEST)).toMatchObject({
      calls: undefined,
      because: expect.arrayContaining([{ what: 'calls', why: 'tokenSmc may ask its scorer after every token' }]),
    });
  });

  it('have no bound where none is stated, and the reason is told', () => {
    const open = technique({
      name: 'untilDone',
      room: 'search',
      summary: 'goes on',
      paper: 'none',
      options: { most: option.integer({ doc: 'at most', optional: true }) },
      calls: 'most',
      rounds: '1',
      semantics: () => ({ kind: 'heuristic', target: 'P', why: 'test' }),
      run: async (model, request, context, _, last) => last(model, request, context),
    });
    expect(worstCase(plus(base, open()), REQUEST)).toMatchObject({
      calls: undefined,
      because: [{ what: 'calls', why: 'nothing bounds most of untilDone' }],
    });
    expect(worstCase(plus(base, open({ most: 3 })), REQUEST).calls).toBe(3);
    const misread = { ...open.definition, calls: 'until done' };
    const unread = technique({
      ...misread,
      run: async (model, request, context, _, last) => last(model, request, context),
    });
    expect(worstCase(plus(base, unread()), REQUEST).because).toEqual([
      { what: 'calls', why: 'untilDone does not say how many calls it makes' },
    ]);
  });
});

/** What a technique asks its base. */
async function askedBy(of: AnyTechnique): Promise<readonly Request[]> {
  const asked: Request[] = [];
  const noting: Model = {
    name: 'noting',
    can: base.can,
    sample: (request, context) => (asked.push(request), base.sample(request, context)),
  };
  const { context, close } = rootScope({ host });
  await exampleOf(of, noting)?.model.sample({ ...REQUEST, maxOutputTokens: 50 }, context);
  close();
  return asked;
}

describe('what a technique asks', () => {
  it.each(CALLING)('has the limit of output tokens, so that it bounds each call: %s', async (_, of) => {
    const asked = await askedBy(of);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ maxOutputTokens = Infinity }) => maxOutputTokens > 50)).toEqual([]);
  });

  it.each(CALLING.filter(([, of]) => of.definition.keepsPrompt))(
    'is the question where it says so: %s',
    async (_, of) => {
      const asked = await askedBy(of);
      for (const { prompt } of asked) expect([prompt.length, questionOf(prompt)]).toEqual([1, 'How much is 2 + 2?']);
    },
  );
});

describe('tokens and dollars', () => {
  const bounded: Request = { ...REQUEST, maxOutputTokens: 100 };
  const input = worstCase(paid, bounded).inputTokens as number;

  it('are bounded where the output and the price are', () => {
    expect(input).toBeGreaterThan(18);
    expect(worstCase(paid, bounded)).toEqual({
      calls: 1,
      inputTokens: input,
      outputTokens: 100,
      usd: input * 1e-6 + 100 * 4e-6,
      because: [],
    });
    const voted = worstCase(plus(paid, selfConsistency({ n: 5 })), bounded);
    expect([voted.calls, voted.inputTokens, voted.outputTokens]).toEqual([5, 5 * input, 500]);
    expect(voted.usd).toBeCloseTo(5 * (input * 1e-6 + 100 * 4e-6), 12);
  });

  it('are those of the request that a formula makes of it', () => {
    const settled = worstCase(
      plus(paid, request({ maxTokens: 10, system: 'Be brief.' }), selfConsistency({ n: 3 })),
      REQUEST,
    );
    const asked: Request = { prompt: [system('Be brief.'), ...REQUEST.prompt], maxOutputTokens: 10 };
    expect(settled).toEqual(times(worstCase(paid, asked), 3));
    expect(settled.outputTokens).toBe(30);
  });

  it('are those of the dearest of several models', () => {
    const dear = openaiCompatible({
      model: 'dear',
      baseURL: 'http://127.0.0.1:1/v1',
      price: { input: 0, output: 1e-3 },
    });
    expect(worstCase(cascade([paid, dear]), bounded).usd).toBeCloseTo(2 * 100 * 1e-3, 12);
  });

  it.each([
    ['no limit of output', paid, REQUEST, ['output']],
    ['prompts of its own', plus(paid, selfRefine({ rounds: 1 })), bounded, ['input']],
    ['a judge', plus(paid, bestOfN({ n: 2, score: judge(paid) })), bounded, ['output', 'input']],
    ['no price', openaiCompatible({ model: 'm', baseURL: 'http://127.0.0.1:1/v1' }), bounded, ['usd']],
  ])('have no bound with %s', (_, model, request, reasons) => {
    const worst = worstCase(model, request);
    expect(worst.usd).toBeUndefined();
    expect(worst.because.map(({ what }) => what)).toEqual(reasons);
  });

  it('are free where the model is, whatever is written', () => {
    const free = enumerable({ answers: { q: { a: 1 } } });
    const model = plus(free, selfRefine(), rejection({ n: 3, threshold: 1, score: judge(free) }));
    expect(worstCase(model, REQUEST)).toMatchObject({ usd: 0, calls: 3 * 6 });
  });

  it('add up', () => {
    const one = worstCase(paid, bounded);
    expect(both(one, NOTHING)).toEqual(one);
    expect(times(one, 3)).toEqual(both(one, both(one, one)));
    expect(times({ ...one, usd: undefined }, 0)).toEqual(NOTHING);
  });
});

describe('a curve', () => {
  const items = ['1 + 1?', '2 + 2?', '3 + 3?'].map((text, i) => ({
    id: String(i),
    request: { prompt: [user(text)] },
    expected: '2',
  }));
  const task: Task = { name: 'sums', items, metric: { name: 'no', grade: () => 0 } };

  it('draws its largest number once an item, or makes a run for every value', () => {
    const calls = (technique: Transform, option: string, values: readonly number[]): number | undefined =>
      worstCaseOfCurve(plus(base, technique), task, option, values, undefined).calls;
    expect(calls(selfConsistency({ n: 1 }), 'n', [1, 4, 3])).toBe(3 * 4);
    expect(calls(selfRefine({ rounds: 1 }), 'rounds', [1, 2])).toBe(3 * (3 + 5));
  });

  it('has no bound where an option that its calls go by is a number that is left out', () => {
    const many = technique({
      name: 'many',
      room: 'search',
      summary: 'draws as often as it is told',
      paper: 'a test',
      options: { often: option.number({ doc: 'draws', optional: true }) },
      calls: 'often',
      rounds: '1',
      semantics: () => ({ kind: 'heuristic', target: 'P', why: 'a test' }),
      run: async (below, request, context) => drawOne(below, request, context),
    });
    expect(worstCase(plus(base, many({ often: 3 })), REQUEST).calls).toBe(3);
    expect(worstCase(plus(base, many({})), REQUEST)).toMatchObject({
      calls: undefined,
      because: [{ what: 'calls', why: 'nothing bounds often of many' }],
    });
  });
});
