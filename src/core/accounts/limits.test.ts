/** Whole runs under mixed limits: models that are free, unbounded, cached, slow, failing, silent or lying lift none. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { UpstreamError, PlusxError } from '../errors.ts';
import { bestOfN, ensemble, selfConsistency } from '../../search/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { judge } from '../technique/scorer.ts';
import { look } from '../../../scripts/soak/whole-runs.ts';
import { ask } from '../ask.ts';
import { fromBackend } from '../calls/from-backend.ts';
import { memoryJournal } from '../calls/journal.ts';
import { plus, type Model } from '../model.ts';
import type { Price } from './price.ts';

interface Kind {
  readonly price: Price;
  /** The most that a candidate writes, where the model knows it. */
  readonly bound: number | undefined;
  readonly fate: 'reports' | 'fails' | 'says nothing' | 'lies' | 'is slow';
  readonly native: boolean;
}
const spent = { calls: 0, tokens: 0, usd: 0 };

function modelOf({ price, bound, fate, native }: Kind, name: string): Model {
  return fromBackend({
    name,
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    price,
    native: () => native,
    bound: ({ maxOutputTokens }) => ({ inputTokens: 10, outputTokens: maxOutputTokens ?? bound }),
    async call({ maxOutputTokens }, { choices }) {
      const [choice] = choices;
      const each = Math.min(
        maxOutputTokens ?? bound ?? 50,
        1 + (choice?.fork('length').categorical([1, 1, 1, 1]) ?? 0) * 12,
      );
      const inputTokens = 10 * choices.length;
      const outputTokens = each * choices.length;
      spent.calls += choices.length;
      spent.tokens += inputTokens + outputTokens;
      const usd = inputTokens * (price.cacheWriteInput ?? price.input) + outputTokens * price.output;
      spent.usd += usd;
      if (fate === 'is slow') await new Promise((resolve) => setTimeout(resolve, 1));
      if (fate === 'fails' && choice?.fork('fate').categorical([2, 1]) === 1)
        throw new UpstreamError({ url: 'http://x', status: 500, body: 'down', retryable: false });
      const said = { inputTokens, outputTokens, reasoningTokens: 0, cachedInputTokens: 0, usd };
      const silent = { ...said, inputTokens: undefined, outputTokens: undefined, usd: undefined };
      const lie = { ...said, inputTokens: -1e9, outputTokens: Number.NaN, usd: -5 };
      return {
        candidates: choices.map((one) => ({
          content: [{ type: 'text', text: String(one.fork('text').categorical([3, 2, 1])) }],
          finish: { unified: 'stop', raw: 'stop' },
        })),
        usage: fate === 'says nothing' ? silent : fate === 'lies' ? lie : said,
      };
    },
  });
}

const kind: fc.Arbitrary<Kind> = fc.record({
  price: fc.constantFrom<Price>(
    { input: 0, output: 0 },
    { input: 0.01, output: 0 },
    { input: 0, output: 0.02 },
    { input: 0.01, output: 0.02 },
    { input: 0.01, output: 0.02, cachedInput: 0.001, cacheWriteInput: 0.03 },
  ),
  bound: fc.constantFrom(undefined, undefined, 40),
  fate: fc.constantFrom('reports', 'reports', 'fails', 'says nothing', 'lies', 'is slow'),
  native: fc.boolean(),
});
const limit = (max: number, unit: number): fc.Arbitrary<number | undefined> =>
  fc.option(
    fc.nat(max).map((n) => n * unit),
    { nil: undefined },
  );
const SHAPES: readonly ((a: Model, b: Model) => Model)[] = [
  (a, b) => ensemble([a, plus(b, selfConsistency({ n: 2 }))], { n: 6 }),
  (a, b) => plus(a, bestOfN({ n: 4, score: judge(b) })),
  (a, b) => plus(a, selfRefine({ rounds: 2, critic: b }), selfConsistency({ n: 3 })),
];

it('no run spends more than it may, whatever its models are and say', async () => {
  await fc.assert(
    fc.asyncProperty(
      kind,
      kind,
      fc.constantFrom(...SHAPES),
      fc.record({
        calls: limit(12, 1),
        tokens: limit(60, 10),
        usd: limit(40, 0.1),
        ms: fc.constantFrom(undefined, 5000),
      }),
      fc.option(fc.nat(8), { nil: undefined }),
      fc.boolean(),
      async (one, other, shape, budget, abortAfter, journaled) => {
        Object.assign(spent, { calls: 0, tokens: 0, usd: 0 });
        const controller = new AbortController();
        if (abortAfter !== undefined) setTimeout(() => controller.abort(new Error('stopped')), abortAfter);
        const run = ask(shape(modelOf(one, 'one'), modelOf(other, 'other')), 'q', {
          budget,
          signal: controller.signal,
          journal: journaled ? memoryJournal() : undefined,
        });
        const error = await run.then(
          ({ usage }) => {
            for (const value of Object.values(usage))
              if (value !== undefined && !(value >= 0 && value < Infinity)) return usage;
            return undefined;
          },
          (thrown: unknown) => (thrown instanceof PlusxError || controller.signal.aborted ? undefined : thrown),
        );
        await new Promise((resolve) => setTimeout(resolve, 2));
        expect(error).toBeUndefined();
        for (const name of ['calls', 'tokens', 'usd'] as const)
          expect([name, spent[name] <= (budget[name] ?? Infinity) * (1 + 1e-9)]).toEqual([name, true]);
      },
    ),
    { numRuns: 400 },
  );
});

it('random formulas of all techniques keep to their limits, lose no answer, end, and tell what they used', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1e9), async (number) => {
      expect({ number, wrong: (await look(number)).wrong }).toEqual({ number, wrong: [] });
    }),
    { numRuns: 250, endOnFailure: true },
  );
});

it('a run of that kind is the same each time it is looked at', async () => {
  for (const number of [1, 2, 3, 40, 500]) expect(await look(number)).toEqual(await look(number));
});
