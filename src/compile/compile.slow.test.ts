/** What only many searches show: how often an improvement is claimed where there is none, and that no budget is ever exceeded. */
import { expect, it } from 'vitest';
import { techniques } from '../catalog.ts';
import { InvalidOption, NO_USAGE, questionOf, seeded, totalTokens, type Limits, type Model } from '../core/index.ts';
import { compile } from './compile.ts';
import type { Report } from './report.ts';
import { spaceOn } from './space/marks.ts';
import { parseSpace } from './space/parse.ts';
import type { Space } from './space/space.ts';
import { killedAndGoneOn } from './test-support/killed.ts';
import { questions, world } from './test-support/world.ts';

const read = (text: string): Space =>
  parseSpace(text, { techniques, model: () => undefined, scorers: { length: (s) => s.content.length } });

// oxlint-disable-next-line vitest/expect-expect -- it expects inside
it('ten searches, each killed at 20 random points', { timeout: 900_000 }, () => killedAndGoneOn(10, 20));

/** A model that knows a share of the answers, by chance and at once. */
function guesser(name: string, right: number, seed: number): Model {
  const choice = seeded(`${seed} ${name}`);
  return {
    name,
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 1 },
    async sample({ prompt }) {
      const question = Number(/\d+/.exec(questionOf(prompt))?.[0]);
      const isRight = choice.fork(`${question}`).categorical([1 - right, right]) === 1;
      const text = `answer ${isRight ? question % 7 : 9}`;
      return {
        samples: [
          {
            content: [{ type: 'text', text }],
            finish: { unified: 'stop', raw: undefined },
            weight: 1,
            semantics: { kind: 'exact', target: 'P', why: 'written' },
          },
        ],
        usage: { ...NO_USAGE, calls: 1 },
        warnings: [],
      };
    },
  };
}

const RUNS = 2000;

it(
  `of ${RUNS} searches where all are equally good, at most 5% claim an improvement`,
  { timeout: 900_000 },
  async () => {
    let [claimed, bias] = [0, 0];
    const task = questions(40);
    for (let seed = 0; seed < RUNS; seed++) {
      const models = ['a', 'b', 'c', 'd', 'e'].map((name) => guesser(name, 0.6, seed)) as [Model, ...Model[]];
      const { report } = await compile(spaceOn(models), task, { budget: { calls: 1e6 }, seed });
      claimed += Number(report.improved);
      bias += report.selectionBias / RUNS;
    }
    console.log(
      `${claimed} of ${RUNS} claim an improvement; the pick looks ${(100 * bias).toFixed(1)} points better on dev`,
    );
    expect(claimed / RUNS).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt((0.05 * 0.95) / RUNS));
  },
);

const SPACES = [
  'selfConsistency(n=[3, 5])',
  'maybe(reRead) + selfConsistency(n=[3, 5], stop=["fixed", "adaptive"])',
  'demos(k=[0, 2]) + maybe(selfConsistency(n=3))',
  'anyOf(selfRefine(rounds=[1, 2]), bestOfN(n=[2, 4], score=length))',
  'prompt("Word A.", "Word B.", "Word C.")',
  'reRead + selfConsistency(n=3) + maybe(selfRefine(rounds=1))',
].map(read);

it(
  'of 1,000 random searches none goes over its budget, in calls, tokens or dollars',
  { timeout: 900_000 },
  async () => {
    const price = { input: 1e-6, output: 4e-6 };
    let [refused, spentUp] = [0, 0];
    for (let seed = 0; seed < 1000; seed++) {
      const choice = seeded(`budget ${seed}`);
      const pick = <T>(name: string, from: readonly T[]): T =>
        from[choice.fork(name).categorical(from.map(() => 1))] as T;
      const amount = 60 + pick('amount', [0, 40, 120, 300, 600]);
      const budget: Limits = pick('budget', [
        { calls: amount },
        { tokens: amount * 25 },
        { usd: amount * 3e-5 },
        { calls: amount, tokens: amount * 20, usd: amount * 3e-5 },
      ]);
      const base = world({
        right: () => 0.6,
        price,
        failing: pick('failing', [0, 0.05, 0.3]),
        concurrency: pick('concurrency', [1, 4, 16]),
      });
      let spent = NO_USAGE;
      let stages: Report['stages'] = [];
      try {
        const { report } = await compile(pick('space', SPACES), questions(24), {
          model: base,
          budget,
          seed,
          onItem: ({ spending }) => (spent = spending),
        });
        stages = report.stages;
      } catch (error) {
        if (error instanceof InvalidOption) refused++;
        else if (!/the server is away|Budget of/.test(String(error))) throw error;
      }
      const calls = base.calls.reduce((sum, { seeds }) => sum + seeds.length, 0);
      const sum = (of: 'calls' | 'tokens' | 'usd'): number =>
        stages.reduce((total, stage) => total + (stage[of] ?? 0), 0);
      expect(Math.max(calls, spent.calls, sum('calls'))).toBeLessThanOrEqual(budget.calls ?? Infinity);
      expect(Math.max(totalTokens(spent) ?? 0, sum('tokens'))).toBeLessThanOrEqual(budget.tokens ?? Infinity);
      expect(Math.max(spent.usd ?? 0, sum('usd'))).toBeLessThanOrEqual((budget.usd ?? Infinity) * (1 + 1e-9));
      spentUp += Number(calls > 0.8 * (budget.calls ?? Infinity));
    }
    console.log(`${refused} of 1000 refused beforehand, ${spentUp} used more than 80% of their calls`);
    expect(refused).toBeLessThan(600);
  },
);

it('what was good on other tasks decides between compositions that the items do not tell apart', async () => {
  const space = read('prompt("Word A.", "Word B.", "Word C.", "Word D.")');
  const base = world({
    right: (prompt) => (/Word (\w)/.test(prompt) ? (prompt.includes('Word C') ? 0.72 : 0.66) : 0.3),
  });
  const search = (seed: number, earlier?: readonly Report[]): ReturnType<typeof compile> =>
    compile(space, questions(60), { model: base, budget: { calls: 700 }, seed, earlier });
  const earlier = await Promise.all(Array.from({ length: 12 }, async (_, i) => (await search(100 + i)).report));
  expect(earlier[0]?.tried).toHaveLength(5);
  let [without, informed] = [0, 0];
  for (let seed = 0; seed < 10; seed++) {
    without += Number((await search(seed)).plus.includes('Word C'));
    informed += Number((await search(seed, earlier)).plus.includes('Word C'));
  }
  expect(informed).toBeGreaterThan(without);
});
