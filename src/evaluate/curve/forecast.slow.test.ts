import { expect, it } from 'vitest';
import { threeErrors } from '../test-support/differences.ts';
import { finite, held, stick } from '../test-support/forecasts.ts';
import { forecast } from './forecast.ts';

const quick = (pools: Parameters<typeof forecast>[0], n: number, seed: number) =>
  forecast(pools, n, { seed, runs: 100 });

// The family that the forecast supposes, at the farthest that it goes.
it.each([stick(1, 1, 1), stick(2, 3, 0.5), stick(0.4, 0.4, 2)])('four times a pool of 8: $name', (family) => {
  const rounds = 80;
  const { covers, width, bias, error, passBias, passError } = held(
    family,
    { items: 40, pool: 8, n: 32, rounds },
    quick,
  );
  console.log(
    `${family.name}: covers ${(100 * covers).toFixed(1)}%, width ${width.toFixed(3)}, bias ${bias.toFixed(4)} (standard error ${error.toFixed(4)})`,
  );
  expect(covers).toBeGreaterThanOrEqual(0.95 - threeErrors(0.95, rounds));
  expect(Math.abs(bias)).toBeLessThan(2 * error + 0.005); // what the prior of few items adds is below half a point
  expect(Math.abs(passBias)).toBeLessThan(2 * passError + 0.005);
});

it('a family of another kind, with four wrong answers and no more, is held as well', () => {
  const { covers, bias } = held(finite(2, [1, 1, 1, 1]), { items: 40, pool: 8, n: 32, rounds: 60 }, quick);
  expect(covers).toBeGreaterThanOrEqual(0.95 - threeErrors(0.95, 60));
  expect(Math.abs(bias)).toBeLessThan(0.05);
});
