/** Whether samples drawn through the real stack can come from a given distribution. */
import { rootScope, textOf, toRequest, type Input, type Model } from '../../core/index.ts';
import type { Probabilities } from './exact.ts';

export interface ChiSquare {
  readonly statistic: number;
  readonly degrees: number;
  /** Probability of a statistic at least this large if the samples do come from the distribution. */
  readonly p: number;
}

/** How often each answer comes up among `draws` samples of one seed. */
export async function sampleCounts(
  model: Model,
  input: Input = 'question',
  { draws = 100_000, seed = 0 }: { readonly draws?: number; readonly seed?: number | string } = {},
): Promise<Map<string, number>> {
  const { context, close } = rootScope({ seed });
  const request = toRequest(input);
  const counts = new Map<string, number>();
  try {
    for (let from = 0; from < draws; from += BATCH) {
      const { samples } = await model.sample({ ...request, from, n: Math.min(BATCH, draws - from) }, context);
      for (const { content } of samples) {
        const text = textOf(content);
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
  } finally {
    close();
  }
  return counts;
}

const BATCH = 500;

/** Pearson's test. Outcomes that are expected fewer than `pool` times are counted as one. */
export function chiSquare(
  counts: ReadonlyMap<string, number>,
  expected: Probabilities,
  { pool = 10 }: { readonly pool?: number } = {},
): ChiSquare {
  const draws = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const impossible = [...counts.keys()].some((outcome) => !((expected.get(outcome) ?? 0) > 0));
  const cells: { observed: number; expected: number }[] = [];
  const rest = { observed: 0, expected: 0 };
  for (const [outcome, probability] of expected) {
    const cell = { observed: counts.get(outcome) ?? 0, expected: probability * draws };
    if (cell.expected >= pool) cells.push(cell);
    else {
      rest.observed += cell.observed;
      rest.expected += cell.expected;
    }
  }
  if (rest.expected > 0) cells.push(rest);
  if (impossible) return { statistic: Infinity, degrees: cells.length - 1, p: 0 };
  const statistic = cells.reduce((sum, cell) => sum + (cell.observed - cell.expected) ** 2 / cell.expected, 0);
  const degrees = cells.length - 1;
  return { statistic, degrees, p: degrees > 0 ? upperGamma(degrees / 2, statistic / 2) : 1 };
}

/** The regularized upper incomplete gamma function Q(a, x) for a a multiple of one half. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  // Q(a+1, x) = Q(a, x) + x^a e^-x / Γ(a+1), from Q(1, x) = e^-x or Q(1/2, x) = erfc(√x).
  const whole = Number.isInteger(a);
  let value = whole ? Math.exp(-x) : complementaryError(Math.sqrt(x));
  let logTerm = whole ? -x : -x - 0.5 * Math.log(x) - 0.5 * Math.log(Math.PI); // x^(s-1) e^-x / Γ(s)
  for (let s = whole ? 1 : 0.5; s < a; s++) {
    logTerm += Math.log(x / s);
    value += Math.exp(logTerm);
  }
  return Math.min(1, value);
}

/** erfc(z) for z > 0: its series where that converges fast, its continued fraction where not. */
function complementaryError(z: number): number {
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 100; n++) {
      term *= -(z * z) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = z;
  for (let n = 200; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction;
}
