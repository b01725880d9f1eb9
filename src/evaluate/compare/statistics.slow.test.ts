import { describe, expect, it } from 'vitest';
import { questionOf, textOf, user } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import type { Item, Task } from '../../tasks/index.ts';
import { confidenceSequence } from './betting.ts';
import { compare } from './compare.ts';
import { comparePaired } from './paired.ts';
import { holm } from '../statistics.ts';
import {
  BINARY,
  coverage,
  fixedSize,
  GRADED,
  pairsOf,
  saved,
  threeErrors,
  uniforms,
  verdicts,
  watched,
} from '../test-support/differences.ts';

const RUNS = 2000;
const told = (name: string, figure: number): void => console.log(`${name}: ${(100 * figure).toFixed(1)}%`);

describe.each(BINARY)('$name', (family) => {
  it.each([20, 50, 200])('the interval of %i items covers the difference', (n) => {
    const { covers, wrong, width } = coverage(family, { n, runs: RUNS, verdict: (a, b) => comparePaired(a, b) });
    console.log(`${family.name}, ${n} items: covers ${(100 * covers).toFixed(1)}%, width ${width.toFixed(3)}`);
    expect(covers).toBeGreaterThanOrEqual(0.95 - threeErrors(0.95, RUNS));
    expect(wrong).toBeLessThanOrEqual(0.05); // the test is exact: at most, not about
  });
});

describe.each(GRADED)('$name', (family) => {
  // With 20 items a jump that one pair in ten makes is not seen in an eighth of all runs: no spread that was seen tells of it.
  it.each([50, 200])('the bootstrap of %i items covers the difference', (n) => {
    const runs = 500;
    const verdict = (a: readonly number[], b: readonly number[], seed: number) =>
      comparePaired(a, b, { seed, resamples: 399 });
    const { covers, wrong, width } = coverage(family, { n, runs, verdict });
    console.log(`${family.name}, ${n} items: covers ${(100 * covers).toFixed(1)}%, width ${width.toFixed(3)}`);
    expect(covers).toBeGreaterThanOrEqual(0.95 - threeErrors(0.95, runs));
    expect(wrong).toBeLessThanOrEqual(0.05 + threeErrors(0.05, runs));
  });
});

describe('looked at after every item', () => {
  it.each([...BINARY, ...GRADED])('never leaves out the difference, and never says better falsely: $name', (family) => {
    const at = [50, 200, 500];
    const { everMissed, everWrong, widths } = watched(family, {
      at,
      runs: 500,
      sequence: (than) => confidenceSequence({ than }),
    });
    console.log(
      `${family.name}: ever missed ${(100 * everMissed).toFixed(1)}%, widths ${widths.map((one) => one.toFixed(3)).join(', ')}`,
    );
    expect(everMissed).toBeLessThanOrEqual(0.05 + threeErrors(0.05, 500));
    expect(everWrong).toBeLessThanOrEqual(0.05 + threeErrors(0.05, 500));
  });

  it('calls neither of two equal models better in more than a twentieth of 2,000 runs', () => {
    const { everWrong } = watched(verdicts(0.2, 0.2), {
      at: [1000],
      runs: RUNS,
      sequence: (than) => confidenceSequence({ than }),
    });
    told('false verdicts', everWrong);
    expect(everWrong).toBeLessThanOrEqual(0.05 + threeErrors(0.05, RUNS));
    expect(everWrong).toBeGreaterThan(0.002); // and it is no test that never decides
  });

  it('with five comparisons at once, Holm keeps false verdicts among them to a twentieth', () => {
    const uniform = uniforms('five');
    let wrong = 0;
    for (let run = 0; run < RUNS; run++) {
      const tests = Array.from({ length: 5 }, () => confidenceSequence());
      for (let n = 0; n < 200; n++) {
        const reference = Number(uniform() < 0.5);
        for (const test of tests) test.add(Number(uniform() < 0.5) - reference);
      }
      if (holm(tests.map(({ p }) => p)).some((p) => p <= 0.05)) wrong++;
    }
    told('false verdicts among five', wrong / RUNS);
    expect(wrong / RUNS).toBeLessThanOrEqual(0.05 + threeErrors(0.05, RUNS));
  });
});

describe('stopping early', () => {
  it.each([
    [0.1, 0.4],
    [0.1, 0.25],
    [0.05, 0.2],
    [0.03, 0.2],
  ])(
    'asks at most half of the items of a test sized for %f, where the difference is twice that',
    (difference, differing) => {
      const { fixed, share, decided } = saved({ difference, differing, runs: 500, sequence: confidenceSequence });
      told(`share of the ${fixed} items`, share);
      expect(share).toBeLessThanOrEqual(0.5);
      expect(decided).toBeGreaterThan(0.95);
    },
  );
});

it('`compare` itself asks on average at most half of those items, and finds the better model', async () => {
  const fixed = fixedSize(0.1, 0.3);
  const items = Array.from({ length: fixed }, (_, i): Item => ({
    id: `${i}`,
    request: { prompt: [user(`${i}`)] },
    expected: 'yes',
  }));
  const task: Task = {
    name: 'sized',
    items,
    metric: { name: 'exact', grade: (sample) => Number(textOf(sample.content) === 'yes') },
  };
  let asked = 0;
  const runs = 40;
  for (let run = 0; run < runs; run++) {
    const uniform = uniforms(`compare ${run}`);
    const kinds = items.map(() => uniform());
    const right = (name: string, is: (kind: number) => boolean) =>
      enumerable({
        name,
        answers: (prompt) => ({ [is(kinds[Number(questionOf(prompt))] as number) ? 'yes' : 'no']: 1 }),
      });
    // Right alone on 5% and on 25% of the items: a difference of 0.2, where the fixed test was sized for 0.1.
    const models = [
      right('a', (kind) => kind < 0.45),
      right('b', (kind) => (kind >= 0.05 && kind < 0.45) || kind >= 0.75),
    ];
    const found = await compare(models, task, { until: 'decided', seed: run });
    asked += found.asked;
    expect(found.pairs[0]?.better).not.toBe('a');
  }
  told(`items asked of ${fixed}`, asked / runs / fixed);
  expect(asked / runs).toBeLessThanOrEqual(fixed / 2);
});

it('several whole comparisons: Holm keeps false verdicts among them to a twentieth', () => {
  const uniform = uniforms('holm');
  let wrong = 0;
  for (let run = 0; run < RUNS; run++) {
    const chances = Array.from({ length: 4 }, () => {
      const { a, b } = pairsOf(verdicts(0.25, 0.25), 60, uniform);
      return comparePaired(a, b).p;
    });
    if (holm(chances).some((p) => p <= 0.05)) wrong++;
  }
  told('false verdicts among four', wrong / RUNS);
  expect(wrong / RUNS).toBeLessThanOrEqual(0.05 + threeErrors(0.05, RUNS));
});
