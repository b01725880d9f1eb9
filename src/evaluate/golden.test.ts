/** The recorded pools of real models through the whole stack, against numbers known beforehand. */
import { describe, expect, it } from 'vitest';
import { plus } from '../core/index.ts';
import { selfConsistency } from '../search/self-consistency/self-consistency.ts';
import { curve } from './curve/curve.ts';
import { evaluate } from './eval.ts';
import { adaptive, GOLDEN, goldenTask, hasPools } from './test-support/golden.ts';

if (!hasPools) console.warn('golden: skipped, there is no ../shared/data/replay');

describe.skipIf(!hasPools)('recorded pools', () => {
  it.each(GOLDEN)('$file: one sample, majority, pass@n', async (golden) => {
    const { task, model } = await goldenTask(golden);
    const { curve: points } = await curve(plus(model, selfConsistency()), task, { over: { n: [1, golden.n] } });
    const [one, all] = points;
    expect(Math.abs(100 * (one?.accuracy ?? 0) - golden.one)).toBeLessThan(0.01);
    expect(Math.abs(100 * (all?.pass ?? 0) - golden.pass)).toBeLessThan(0.01);
    expect(Math.abs(100 * (all?.accuracy ?? 0) - golden.majority)).toBeLessThan(0.3);
  });

  // Two of the files, and fewer orders than the numbers were made with; golden.slow.test.ts takes as many, over all files.
  it.each([GOLDEN[0], GOLDEN[2]].flatMap((golden) => golden ?? []))(
    '$file: adaptive',
    { timeout: 60_000 },
    async (golden) => {
      const { task, model } = await goldenTask(golden);
      const result = await evaluate(adaptive(model, golden), task, { repeats: 25 });
      expect(Math.abs(100 * result.accuracy - golden.adaptive)).toBeLessThan(0.4);
      expect(Math.abs(result.samplesPerItem / golden.adaptiveSamples - 1)).toBeLessThan(0.03);
    },
  );
});
