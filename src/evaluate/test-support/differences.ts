/** Pairs of grades whose difference is known, for simulations: what a test says of them is held against the truth. */
import { hash, threefry } from '../../core/context/choice.ts';

/** Uniform numbers in (0, 1) from a seed. */
export function uniforms(seed: string): () => number {
  const key = hash(seed);
  let counter = 0;
  return () => ((threefry(key, [counter++, 0])[0] >>> 0) + 0.5) / 2 ** 32;
}

export interface Family {
  readonly name: string;
  /** The mean of b - a. */
  readonly difference: number;
  readonly pair: (uniform: () => number) => readonly [a: number, b: number];
}

/** Verdicts: b alone is right with one chance, a alone with another. */
export const verdicts = (onlyB: number, onlyA: number): Family => ({
  name: `0/1, b alone right ${onlyB}, a alone ${onlyA}`,
  difference: onlyB - onlyA,
  pair: (uniform) => {
    const u = uniform();
    return [Number(u >= onlyB && u < onlyB + onlyA), Number(u < onlyB)];
  },
});

const repeated = (times: number, gain: number): Family => ({
  name: `shares of ${times} repeats, b better by ${gain}`,
  difference: gain,
  pair: (uniform) => {
    const p = uniform() * (1 - gain);
    const share = (chance: number): number =>
      Array.from({ length: times }, () => Number(uniform() < chance)).reduce((sum, one) => sum + one, 0) / times;
    return [share(p), share(p + gain)];
  },
});

/** Grades between 0 and 1. */
export const GRADED: readonly Family[] = [
  { name: 'two uniform grades', difference: 0, pair: (uniform) => [uniform(), uniform()] },
  repeated(5, 0),
  repeated(5, 0.1),
  {
    name: 'b a little worse, and much better on a tenth',
    // The mean of a is 0.1: b is 0.9 a, or half on average.
    difference: 0.1 * 0.5 + 0.9 * 0.09 - 0.1,
    pair: (uniform) => {
      const a = 0.2 * uniform();
      return [a, uniform() < 0.1 ? uniform() : 0.9 * a];
    },
  },
  {
    name: 'most pairs equal',
    difference: 0.15 * 0.25 - 0.85 * 0.3 * 0.1,
    pair: (uniform) => {
      const u = uniform();
      return [0.5, u < 0.15 ? 0.5 + 0.5 * uniform() : uniform() < 0.3 ? 0.4 : 0.5];
    },
  },
];

export const BINARY: readonly Family[] = [
  verdicts(0.1, 0.1),
  verdicts(0.3, 0.3),
  verdicts(0.02, 0.02),
  verdicts(0.15, 0.05),
  verdicts(0.1, 0),
];

export function pairsOf(
  { pair }: Family,
  n: number,
  uniform: () => number,
): { readonly a: readonly number[]; readonly b: readonly number[] } {
  const pairs = Array.from({ length: n }, () => pair(uniform));
  return { a: pairs.map(([a]) => a), b: pairs.map(([, b]) => b) };
}

export interface Covered {
  readonly covers: number;
  /** How often the interval or the test says that one is better where neither is, or that the worse one is. */
  readonly wrong: number;
  readonly width: number;
}

/** How often the interval of a whole run holds the difference, and how wide it is. */
export function coverage(
  family: Family,
  { n, runs, verdict }: { readonly n: number; readonly runs: number; readonly verdict: Verdict },
): Covered {
  const uniform = uniforms(`${family.name} ${n}`);
  let [covers, wrong, width] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const { a, b } = pairsOf(family, n, uniform);
    const { ci95, p, difference } = verdict(a, b, run);
    const [lo, hi] = ci95;
    if (lo <= family.difference && family.difference <= hi) covers++;
    if (p <= 0.05 && difference * family.difference <= 0) wrong++;
    width += hi - lo;
  }
  return { covers: covers / runs, wrong: wrong / runs, width: width / runs };
}

type Verdict = (
  a: readonly number[],
  b: readonly number[],
  seed: number,
) => { readonly ci95: readonly [number, number]; readonly p: number; readonly difference: number };

/** Three standard errors of a share of `runs` that is `share` in truth. */
export const threeErrors = (share: number, runs: number): number => 3 * Math.sqrt((share * (1 - share)) / runs);

/** The items that a test of a whole run needs to find a difference with 80% power, where pairs differ with a chance. (Connor, 1987) */
export function fixedSize(difference: number, differing: number): number {
  const least = 1.959964 * Math.sqrt(differing) + 0.841621 * Math.sqrt(differing - difference ** 2);
  return Math.ceil((least / difference) ** 2);
}

export interface Watched {
  /** How often the interval ever left out the difference, looked at after every item. */
  readonly everMissed: number;
  /** How often a comparison ever said that one is better where neither is, or that the worse one is. */
  readonly everWrong: number;
  /** Mean widths of the interval at these numbers of items. */
  readonly widths: readonly number[];
}

/** What a confidence sequence does that is looked at after every item up to the largest of `at`. */
export function watched(
  family: Family,
  {
    at,
    runs,
    sequence,
  }: { readonly at: readonly number[]; readonly runs: number; readonly sequence: (than: number) => Sequence },
): Watched {
  const uniform = uniforms(`watched ${family.name}`);
  let [missed, wrong] = [0, 0];
  const widths = at.map(() => 0);
  for (let run = 0; run < runs; run++) {
    const [truth, none] = [sequence(family.difference), sequence(0)];
    for (let n = 1; n <= Math.max(...at); n++) {
      const [a, b] = family.pair(uniform);
      truth.add(b - a);
      none.add(b - a);
      const place = at.indexOf(n);
      if (place >= 0 && run < 50)
        widths[place] = (widths[place] as number) + (none.interval[1] - none.interval[0]) / Math.min(50, runs);
    }
    if (truth.verdict) missed++;
    const better = none.verdict === 'above' ? 1 : none.verdict === 'below' ? -1 : 0;
    if (better !== 0 && better * family.difference <= 0) wrong++;
  }
  return { everMissed: missed / runs, everWrong: wrong / runs, widths };
}

interface Sequence {
  add(value: number): void;
  readonly verdict: 'above' | 'below' | undefined;
  readonly interval: readonly [number, number];
}

/** Items asked until a comparison is decided, as a share of those of a test whose size was fixed for a difference half as large. */
export function saved({
  difference,
  differing,
  runs,
  sequence,
}: {
  readonly difference: number;
  readonly differing: number;
  readonly runs: number;
  readonly sequence: () => Sequence;
}): { readonly fixed: number; readonly share: number; readonly decided: number } {
  const fixed = fixedSize(difference, differing);
  const truth = verdicts((differing + 2 * difference) / 2, (differing - 2 * difference) / 2);
  const uniform = uniforms(`saved ${difference} ${differing}`);
  let [asked, decided] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const test = sequence();
    let n = 0;
    while (n < fixed && !test.verdict) {
      const [a, b] = truth.pair(uniform);
      test.add(b - a);
      n++;
    }
    asked += n;
    if (test.verdict === 'above') decided++;
  }
  return { fixed, share: asked / runs / fixed, decided: decided / runs };
}
