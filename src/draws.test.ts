/**
 * Which formulas make the same draws of a model, and that no inference makes one draw twice. Draw i of a model for a request is the
 * same whatever formula draws it, so that formulas are compared on the same draws; a vote over best-of-n stays a vote of independent
 * draws. `docs/decisions/011-shared-draws.md` says why both hold.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleOf, host, listening } from '../scripts/examples.ts';
import { techniques } from './catalog.ts';
import {
  CapabilityMissing,
  drawAt,
  fork,
  inference,
  judge,
  plus,
  PlusxError,
  requestKey,
  rootScope,
  scorer,
  seeded,
  toRequest,
  user,
  type AnyTechnique,
  type Context,
  type Input,
  type Model,
  type Transform,
} from './core/index.ts';
import { temperature, topK } from './decode/index.ts';
import { chainOfVerification, critic, selfRefine } from './iterate/index.ts';
import { enumerableTokens } from './models/written/index.ts';
import { autoMix } from './recipes/index.ts';
import { fewShot, prefer, rag } from './remember/index.ts';
import { reRead, rephraseAndRespond, stepBack } from './rephrase/index.ts';
import * as search from './search/index.ts';
import { recording } from './testing/laws/test-support/recording-choice.ts';

const { bestOfN, cascade, ensemble, mixture, rejection, selfConsistency, tilt, tournament } = search;
const half = scorer('half', () => 0.5);
const QUESTION = 'How much is 2 + 2?';

/** A model that notes what is drawn of it: whose draw, for which request, at which address. */
function noting(drawn: string[], name = 'upstream'): Model {
  const { stream: _, ...base } = listening(0);
  return {
    ...base,
    name,
    sample(request, context) {
      const { n = 1, from = 0 } = request;
      for (let i = 0; i < n; i++) drawn.push(`${name}\n${requestKey(request)}\n${drawAt(context, from + i).choice.id}`);
      return base.sample(request, context);
    },
  };
}

interface Place {
  readonly input?: Input;
  readonly n?: number;
  readonly name?: string;
  readonly at?: ((context: Context) => Context) | undefined;
  readonly seed?: number;
}

/** The draws that a formula makes of its model. */
async function drawsBy(
  formula: (base: Model) => Model,
  { input = QUESTION, n = 1, name, at = (context) => context, seed = 0 }: Place = {},
): Promise<Set<string>> {
  const drawn: string[] = [];
  const { context, close } = rootScope({ seed, host });
  try {
    await formula(noting(drawn, name)).sample({ ...toRequest(input), n }, at(context));
  } finally {
    close();
  }
  expect(drawn.length).toBe(new Set(drawn).size);
  return new Set(drawn);
}

const inCommon = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => [...a].filter((one) => b.has(one)).length;

const bare = (base: Model): Model => base;
const over =
  (...transforms: Transform[]) =>
  (base: Model): Model =>
    plus(base, ...transforms);
const vote = (n: number): Transform => selfConsistency({ n });
const best = (n: number): Transform => bestOfN({ n, score: half });

describe('formulas over one model, for one question, make the same draws', () => {
  it.each<[string, (base: Model) => Model, number, (base: Model) => Model, number, number]>([
    // Of the two formulas, each drawn so often: how many draws they have in common.
    ['the bare model and a vote', bare, 4, over(vote(4)), 1, 4],
    ['a vote and a larger one', over(vote(3)), 1, over(vote(8)), 1, 3],
    ['a vote and a best-of-n', over(vote(5)), 1, over(best(4)), 1, 4],
    ['a vote and one that stops early', over(vote(8)), 1, over(selfConsistency({ n: 8, stop: 'adaptive' })), 1, 8],
    ['a best-of-n and rejection', over(best(4)), 1, over(rejection({ score: half, n: 3 })), 1, 3],
    ['a tournament and tilt', over(tournament({ n: 4 })), 1, over(tilt({ score: half, steps: 3 })), 1, 4],
    ['the bare model and a preference', bare, 4, over(prefer({ n: 3, principles: 'short' })), 1, 3],
    ['the bare model and a draft', bare, 1, over(selfRefine()), 1, 1],
    ['two that revise a draft', over(critic({ score: half })), 1, over(chainOfVerification()), 1, 1],
    ['the bare model and the drafts of a vote', bare, 4, over(selfRefine({ rounds: 1 }), vote(3)), 1, 3],
    ['the bare model and a cascade', bare, 4, (base) => cascade([base, vote(3)(base)], { by: 'share' }), 2, 2],
    ['a cascade and one with a check', (base) => cascade([base, base]), 1, (base) => autoMix([base, base]), 1, 1],
    ['a vote and its examples of one', over(fewShot(), vote(3)), 1, over(fewShot()), 4, 3],
    ['a vote over a longer question and more of it', over(reRead(), vote(3)), 1, over(reRead(), best(4)), 1, 3],
    ['a vote, and the first of a vote over best-of-n', over(vote(8)), 1, over(best(4), vote(3)), 1, 4],
    ['three levels', over(vote(5)), 1, over(best(2), tilt({ score: half, steps: 1 }), vote(2)), 1, 2],
    ['the whole of one inside another', over(best(4), vote(2)), 1, over(best(4), vote(2), vote(3)), 1, 8],
  ])('%s', async (_, a, timesA, b, timesB, common) => {
    const [one, other] = [await drawsBy(a, { n: timesA }), await drawsBy(b, { n: timesB })];
    expect(inCommon(one, other)).toBe(common);
  });

  it('token by token as well', async () => {
    const text = async (model: Model, n: number): Promise<unknown[]> => {
      const { context, close } = rootScope({ seed: 4 });
      const { samples } = await model.sample({ ...toRequest(QUESTION), n }, context);
      close();
      return samples.map(({ content }) => content);
    };
    const tokens = enumerableTokens({ tokens: ['a', 'b'], maxTokens: 8, next: () => [3, 2, 1] });
    const drawn: unknown[] = [];
    const watched = (base: Model): Model => ({
      ...base,
      async sample(request, context) {
        const sampled = await base.sample(request, context);
        drawn.push(...sampled.samples.map(({ content }) => content));
        return sampled;
      },
    });
    const warm = plus(tokens, temperature({ t: 0.8 }), topK({ k: 2 }));
    const four = await text(warm, 4);
    await text(plus(watched(warm), vote(4)), 1);
    expect(drawn).toEqual(four);
    expect(new Set(four.map((content) => JSON.stringify(content))).size).toBeGreaterThan(1);
  });

  it('in the same item of a task, whoever goes through them', async () => {
    const at = (context: Context): Context => inference(context, 'item/7');
    const [one, other] = [await drawsBy(bare, { n: 3, at }), await drawsBy(over(vote(5)), { at })];
    expect(inCommon(one, other)).toBe(3);
  });
});

describe('never the same', () => {
  const asUser = (id: string): Input => ({ prompt: [user(QUESTION)], providerOptions: { plusx: { user: id } } });
  const [item, again] = ['item/1', 'item/2'].map((key) => (context: Context) => inference(context, key));
  const [first, second] = [0, 1].map(
    (i) => (context: Context) => inference(inference(context, 'item/1'), `repeat/${i}`),
  );
  it.each<[string, (base: Model) => Model, Place, (base: Model) => Model, Place]>([
    ['two items of equal text', over(vote(4)), { at: item }, over(vote(4)), { at: again }],
    ['an item, and no item', over(vote(4)), { at: item }, over(vote(4)), {}],
    ['two repeats of an item', over(vote(4)), { at: first }, over(vote(4)), { at: second }],
    ['two parts of a program', bare, { at: (at) => fork(at, 'a') }, bare, { at: (at) => fork(at, 'b') }],
    ['a part of a program, and none', bare, { at: (at) => fork(at, 'a') }, over(vote(4)), {}],
    ['two users', over(vote(4)), { input: asUser('a') }, over(vote(4)), { input: asUser('b') }],
    ['two questions', over(vote(4)), {}, over(vote(4)), { input: 'How much is 2 + 3?' }],
    ['two wordings', over(vote(4)), {}, over(reRead(), vote(4)), {}],
    ['two seeds', over(vote(4)), {}, over(vote(4)), { seed: 1 }],
    ['two models', over(vote(4)), { name: 'one' }, over(vote(4)), { name: 'other' }],
    ['a step on the way, and an answer', over(vote(8)), {}, over(rephraseAndRespond()), {}],
    ['a model among several', over(vote(8)), {}, (base) => ensemble([base, base]), {}],
    ['a model that was drawn', over(vote(8)), {}, (base) => mixture([base, base]), {}],
  ])('%s', async (_, a, placeA, b, placeB) => {
    const [one, other] = [await drawsBy(a, placeA), await drawsBy(b, placeB)];
    expect([one.size > 0, other.size > 0]).toEqual([true, true]);
    expect(inCommon(one, other)).toBe(0);
  });

  it('two models in one place: a model twice in a combiner, as judge, as critic', async () => {
    for (const formula of [
      (base: Model) => ensemble([base, base, base]),
      (base: Model) => cascade([base, base, base]),
      (base: Model) => plus(base, bestOfN({ n: 3, score: judge(base) })),
      (base: Model) => plus(base, selfRefine({ critic: base, rounds: 2 })),
      (base: Model) => plus(ensemble([base, plus(base, vote(3))]), vote(3)),
    ])
      expect((await drawsBy(formula)).size).toBeGreaterThan(2); // `drawsBy` refuses a draw that is made twice
  });
});

type Formula = (base: Model) => Model;

/** Techniques with options that keep them small, so that thousands of formulas can be tried; below them, other formulas. */
const small = (inner: Formula): readonly Transform[] => {
  const scores = [half, (base: Model) => judge(inner(base))] as const;
  return [
    ...[2, 3].map(vote),
    selfConsistency({ n: 3, stop: 'window', window: 2 }),
    ...scores.map(
      (score): Transform =>
        (base) =>
          bestOfN({ n: 2, score: typeof score === 'function' ? score(base) : score })(base),
    ),
    rejection({ n: 2, score: half, parallel: 2 }),
    tilt({ score: half, steps: 1 }),
    tournament({ n: 2 }),
    search.universalSelfConsistency({ n: 2 }),
    search.power({ steps: 1 }),
    search.deepConf({ n: 3, warmup: 1 }),
    search.treeOfThoughts({ depth: 1, breadth: 1, proposals: 2, votes: 1 }),
    selfRefine({ rounds: 1 }),
    (base) => selfRefine({ rounds: 1, critic: inner(base) })(base),
    critic({ score: half }),
    chainOfVerification(),
    prefer({ n: 2, principles: 'short' }),
    fewShot(),
    rag(),
    rag({ queries: 1 }),
    reRead(),
    stepBack(),
    rephraseAndRespond(),
    (base) => rephraseAndRespond({ rephraser: inner(base) })(base),
    (base) => ensemble([base, inner(base)], { n: 1 }),
    (base) => mixture([inner(base), base]),
    (base) => cascade([base, inner(base)]),
    (base) => cascade([inner(base), base]),
    (base) => autoMix([base, inner(base)], { k: 2 }),
    (base) => autoMix([inner(base), base], { k: 1 }),
  ];
};

const named = techniques.filter(({ definition }) => !(definition.needs && definition.room === 'decode'));

/** A formula of at most so many levels, read off a list of numbers. */
function formulaOf(
  numbers: readonly number[],
  depth: number,
): { readonly formula: Formula; readonly rest: readonly number[] } {
  const [pick = 0, ...rest] = numbers;
  if (depth === 0 || pick % 7 === 0) return { formula: (base) => base, rest };
  const below = formulaOf(rest, depth - 1);
  const inner = formulaOf(below.rest, depth - 1);
  const list = small(inner.formula);
  const at = Math.floor(pick / 7) % (list.length + 3);
  const technique: AnyTechnique | undefined = at < list.length ? undefined : named[pick % named.length];
  const put: Transform = technique ? (base) => exampleOf(technique, base)?.model ?? base : (list[at] as Transform);
  return { formula: (base) => put(below.formula(base)), rest: inner.rest };
}

it(
  'no two decisions of an inference are the same, in thousands of formulas to depth 3',
  { timeout: 120_000 },
  async () => {
    let [ran, decisions] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5_000), { minLength: 8, maxLength: 16 }),
        fc.nat(1_000),
        async (numbers, seed) => {
          const used: string[] = [];
          const drawn: string[] = [];
          let model: Model;
          try {
            model = formulaOf(numbers, 3).formula(noting(drawn));
          } catch (error) {
            if (error instanceof CapabilityMissing) return;
            throw error;
          }
          const { context, close } = rootScope({ choice: recording(seeded(seed), used), host, budget: { calls: 60 } });
          try {
            await model.sample({ ...toRequest(QUESTION), n: 1 + (seed % 2) }, context);
          } catch (error) {
            if (!(error instanceof PlusxError)) throw error;
          } finally {
            close();
          }
          // An address by itself, whatever is asked there: a draw is never the same as another for a reason of its request alone.
          const all = [...used, ...drawn.map((draw) => `${draw.split('\n').at(-1)} draw`)];
          const seen = new Set<string>();
          expect([model.name, all.filter((one) => seen.has(one) || !seen.add(one))]).toEqual([model.name, []]);
          ran++;
          decisions += all.length;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(ran).toBeGreaterThan(1_500);
    expect(decisions / ran).toBeGreaterThan(5);
  },
);
