/** Adaptive voting over the recorded pools, with as many random orders as the known numbers were made with. */
import { expect, it } from 'vitest';
import { evaluate } from './eval.ts';
import { adaptive, GOLDEN, goldenTask, hasPools } from './test-support/golden.ts';

it.skipIf(!hasPools).each(GOLDEN)('$file', { timeout: 300_000 }, async (golden) => {
  const { task, model } = await goldenTask(golden);
  const result = await evaluate(adaptive(model, golden), task);
  expect(result.repeats).toBe(200);
  expect(Math.abs(100 * result.accuracy - golden.adaptive)).toBeLessThan(0.3);
  expect(Math.abs(result.samplesPerItem / golden.adaptiveSamples - 1)).toBeLessThan(0.02);
});
