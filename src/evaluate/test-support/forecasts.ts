/** Pools of items whose answers come from a known distribution, to hold forecasts against what more samples really give. */
import { uniforms } from './differences.ts';
import type { Forecast } from '../curve/forecast.ts';
import type { Vote } from '../majority.ts';

type Uniform = () => number;

/** Marsaglia and Tsang, 2000. */
function gamma(shape: number, uniform: Uniform): number {
  if (shape < 1) return gamma(shape + 1, uniform) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** The chances of an item's answers; the first is the right one. */
export interface AnswerFamily {
  readonly name: string;
  readonly chances: (uniform: Uniform) => readonly number[];
}

const dirichlet = (weights: readonly number[], uniform: Uniform): number[] => {
  const all = weights.map((weight) => gamma(weight, uniform));
  const total = all.reduce((sum, one) => sum + one, 0);
  return all.map((one) => one / total);
};

/** The family that the forecast supposes: Beta(a, b) is right, and the rest is broken like a stick, again and again. */
export const stick = (a: number, b: number, theta: number): AnswerFamily => ({
  name: `right Beta(${a}, ${b}), wrong broken with ${theta}`,
  chances(uniform) {
    const [right = 0, rest = 0] = dirichlet([a, b], uniform);
    const chances = [right];
    let left = rest;
    for (let i = 0; i < 30; i++) {
      const [part = 0] = dirichlet([1, theta], uniform);
      chances.push(left * part);
      left *= 1 - part;
    }
    return [...chances, left];
  },
});

/** A family of another kind: so many wrong answers, and no others. */
export const finite = (right: number, wrong: readonly number[]): AnswerFamily => ({
  name: `Dirichlet(${[right, ...wrong].join(', ')})`,
  chances: (uniform) => dirichlet([right, ...wrong], uniform),
});

function draw(chances: readonly number[], uniform: Uniform): number {
  let left = uniform();
  const at = chances.findIndex((chance) => (left -= chance) < 0);
  return at < 0 ? chances.length - 1 : at;
}

function isRight(drawn: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const one of drawn) counts.set(one, (counts.get(one) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return Number(drawn.find((one) => counts.get(one) === most) === 0);
}

export interface Held {
  /** How often the band held what a run with so many samples gave. */
  readonly covers: number;
  readonly width: number;
  /** Mean of forecast - truth, and its standard error. */
  readonly bias: number;
  readonly error: number;
  readonly passBias: number;
  readonly passError: number;
}

export function held(
  { name, chances }: AnswerFamily,
  {
    items,
    pool,
    n,
    rounds,
  }: { readonly items: number; readonly pool: number; readonly n: number; readonly rounds: number },
  forecast: (pools: readonly (readonly Vote[])[], n: number, seed: number) => Forecast,
): Held {
  const uniform = uniforms(`${name} ${items} ${pool} ${n}`);
  const off: number[] = [];
  const passOff: number[] = [];
  let [covers, width] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const worlds = Array.from({ length: items }, () => chances(uniform));
    const many = (world: readonly number[], count: number): number[] =>
      Array.from({ length: count }, () => draw(world, uniform));
    const pools = worlds.map((world) =>
      many(world, pool).map((one) => ({ answer: `${one}`, grade: Number(one === 0) })),
    );
    const runs = worlds.map((world) => many(world, n));
    const truth = runs.reduce((sum, drawn) => sum + isRight(drawn), 0) / items;
    const found = forecast(pools, n, round);
    const [lo, hi] = found.band;
    if (lo <= truth && truth <= hi) covers++;
    width += hi - lo;
    off.push(found.accuracy - truth);
    passOff.push(found.pass - runs.filter((drawn) => drawn.includes(0)).length / items);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / rounds;
  const error = (values: readonly number[]): number =>
    Math.sqrt(mean(values.map((one) => (one - mean(values)) ** 2)) / (rounds - 1));
  return {
    covers: covers / rounds,
    width: width / rounds,
    bias: mean(off),
    error: error(off),
    passBias: mean(passOff),
    passError: error(passOff),
  };
}
