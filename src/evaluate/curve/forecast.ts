/**
 * What a vote of more samples would give than there are in the pools, with a band: "64 samples would give 71%, 68 to 74". The share of right
 * answers of an item is taken to come from a Beta distribution, and its wrong answers from a Chinese restaurant: one more wrong sample
 * repeats an answer that was seen as often as it was seen, or brings a new one with a weight of its own. What the pools leave open
 * of both is drawn at random, and so are the samples of the run that is forecast.
 */
import { InvalidOption } from '../../core/index.ts';
import { hash, threefry } from '../../core/context/choice.ts';
import type { Vote } from '../majority.ts';
import { mean, type Interval } from '../statistics.ts';

export interface Forecast {
  /** Samples of an item. */
  readonly n: number;
  /** The expected accuracy of the vote of so many. */
  readonly accuracy: number;
  /** Holds the accuracy of a run with so many samples on the same items, 95 times in 100. */
  readonly band: Interval;
  /** The expected share of items of which one of so many samples is right. */
  readonly pass: number;
  /** Samples an item that it was made from: the smallest pool. */
  readonly from: number;
}

/** Beyond so many times the pool a forecast is a guess. */
export const FARTHEST = 4;

export interface ForecastOptions {
  readonly seed?: number | string | undefined;
  /** Runs that are imagined. Default 400. */
  readonly runs?: number | undefined;
}

/** For grades of 0 and 1. Throws InvalidOption beyond four times the smallest pool, where nothing that was seen says enough. */
export function forecast(
  pools: readonly (readonly Vote[])[],
  n: number,
  { seed = 0, runs = 400 }: ForecastOptions = {},
): Forecast {
  const from = Math.min(...pools.map(({ length }) => length));
  if (!(n <= FARTHEST * from))
    throw new InvalidOption({
      where: 'forecast',
      option: 'n',
      rule: `must be at most ${FARTHEST * from}, four times the ${from} samples of the smallest pool`,
      value: n,
      hint: 'Draw a larger pool',
    });
  if (pools.some((pool) => pool.some(({ grade }) => grade !== 0 && grade !== 1)))
    throw new InvalidOption({ where: 'forecast', option: 'pools', rule: 'must have grades of 0 and 1 only' });
  const random = source(`forecast ${seed}`);
  const seen = pools.map(countsOf);
  const rights = rightPosterior(seen);
  const novelty = noveltyPosterior(seen);
  const found = Array.from({ length: runs }, () => {
    const [a, b] = rights(random);
    const theta = novelty(random);
    const items = seen.map((one) => imagined(one, n, { a, b, theta }, random));
    return { accuracy: mean(items.map(({ right }) => right)), pass: mean(items.map(({ pass }) => pass)) };
  });
  const sorted = found.map(({ accuracy }) => accuracy).toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(runs - 1, Math.max(0, Math.round(share * runs)))] as number;
  return { n, accuracy: mean(sorted), band: [at(0.025), at(0.975)], pass: mean(found.map(({ pass }) => pass)), from };
}

/** Of an item's pool: right samples, and how often each wrong answer came; those without an answer cannot win. */
interface Counts {
  readonly size: number;
  readonly right: number;
  readonly wrong: readonly { readonly count: number; readonly abstains: boolean }[];
}

function countsOf(pool: readonly Vote[]): Counts {
  const wrong = Map.groupBy(
    pool.filter(({ grade }) => grade === 0),
    ({ answer }) => answer,
  );
  return {
    size: pool.length,
    right: pool.filter(({ grade }) => grade === 1).length,
    wrong: [...wrong].map(([answer, votes]) => ({ count: votes.length, abstains: answer === null })),
  };
}

interface World {
  readonly a: number;
  readonly b: number;
  readonly theta: number;
}

/** One run of an item with `n` samples: whether the vote is right, of tied answers each as often, and whether any sample is. */
function imagined({ size, right, wrong }: Counts, n: number, { a, b, theta }: World, random: Random) {
  const share = beta(a + right, b + size - right, random);
  const masses = [...wrong.map(({ count }) => gamma(count, random)), gamma(theta, random)];
  const whole = masses.reduce((sum, mass) => sum + mass, 0);
  const classes = wrong.map(({ abstains }, i) => ({ abstains, mass: ((1 - share) * (masses[i] as number)) / whole }));
  // What was not seen yet is broken into answers, each a part of what is left; the last crumbs are answers that come once at most.
  let rest = ((1 - share) * (masses.at(-1) as number)) / whole;
  for (let i = 0; i < UNSEEN && rest > 1e-6; i++) {
    const part = rest * beta(1, theta, random);
    classes.push({ abstains: false, mass: part });
    rest -= part;
  }
  classes.push({ abstains: true, mass: rest });
  const votes = [0, ...classes.map(() => 0)];
  for (let draw = 0; draw < n; draw++) {
    let left = random() - share;
    let which = 0;
    while (left >= 0 && which < classes.length) left -= classes[which++]?.mass ?? 0;
    votes[which] = (votes[which] as number) + 1;
  }
  const [mine = 0, ...theirs] = votes;
  const most = Math.max(0, ...theirs.filter((_, i) => !classes[i]?.abstains));
  const tied = theirs.filter((count, i) => count === mine && !classes[i]?.abstains).length;
  return { right: mine === 0 || mine < most ? 0 : mine > most ? 1 : 1 / (1 + tied), pass: Number(mine > 0) };
}

const UNSEEN = 12;

/** Means and strengths of the Beta distribution of the right share, by how well they explain the pools. */
function rightPosterior(seen: readonly Counts[]): (random: Random) => readonly [a: number, b: number] {
  const worlds = GRID.flatMap((centre) =>
    STRENGTHS.map((strength): readonly [number, number] => [centre * strength, (1 - centre) * strength]),
  );
  const logs = worlds.map(([a, b]) =>
    seen.reduce((sum, { size, right }) => sum + rising(a, right) + rising(b, size - right) - rising(a + b, size), 0),
  );
  return chosen(worlds, logs);
}

/** The weight of a new wrong answer, likewise. (Ewens, 1972) */
function noveltyPosterior(seen: readonly Counts[]): (random: Random) => number {
  const logs = NOVELTIES.map((theta) =>
    seen.reduce((sum, { size, right, wrong }) => sum + wrong.length * Math.log(theta) - rising(theta, size - right), 0),
  );
  return chosen(NOVELTIES, logs);
}

const GRID = Array.from({ length: 25 }, (_, i) => (i + 0.5) / 25);
const STRENGTHS = Array.from({ length: 14 }, (_, i) => 0.1 * 1.7 ** i);
const NOVELTIES = Array.from({ length: 24 }, (_, i) => 0.05 * 1.4 ** i);

/** The logarithm of x (x + 1) ... (x + n - 1). */
function rising(x: number, n: number): number {
  let log = 0;
  for (let i = 0; i < n; i++) log += Math.log(x + i);
  return log;
}

function chosen<T>(values: readonly T[], logs: readonly number[]): (random: Random) => T {
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (random) => {
    let left = random() * total;
    return (values.find((_, i) => (left -= weights[i] as number) < 0) ?? values.at(-1)) as T;
  };
}

/** Uniform in (0, 1). */
type Random = () => number;

function source(name: string): Random {
  const key = hash(name);
  let counter = 0;
  return () => ((threefry(key, [counter++, 0])[0] >>> 0) + 0.5) / 2 ** 32;
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

function beta(a: number, b: number, random: Random): number {
  const [x, y] = [gamma(a, random), gamma(b, random)];
  return x + y > 0 ? x / (x + y) : a / (a + b);
}
