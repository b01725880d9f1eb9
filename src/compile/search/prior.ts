/**
 * What other tasks say of the same compositions, as a prior: a few dozen items leave compositions that differ by less than their noise in
 * a random order, and what was good elsewhere is likelier to be good here. Nothing of the task's own answers enters its prior.
 */

/** What is known of compositions on one task. */
export interface Known {
  /** Mean grades, by a name that is the same on all tasks. */
  readonly means: ReadonlyMap<string, number>;
  /** Items behind each mean. */
  readonly items: number;
}

/** Another task, and how near it is: how much its word counts. */
export interface Elsewhere extends Known {
  readonly weight: number;
}

/** How far each composition lies above the mean of its task. */
function deviations({ means }: Known): ReadonlyMap<string, number> {
  const middle = [...means.values()].reduce((sum, one) => sum + one, 0) / Math.max(1, means.size);
  return new Map([...means].map(([name, one]) => [name, one - middle]));
}

/** Sums over the other tasks, by composition. */
interface Sums {
  readonly deviation: number;
  readonly weight: number;
}

/** What the others say of a composition; `but` is one of them that is left out. */
function foretold({ deviation, weight }: Sums = NOTHING, but: Sums = NOTHING): number {
  const left = weight - but.weight;
  return left <= 1e-9 ? 0 : (deviation - but.deviation) / left;
}

const NOTHING: Sums = { deviation: 0, weight: 0 };

/** How strongly a prior counts at most and at least, in items. */
const STRENGTH = [4, 40] as const;

/**
 * The mean grades of a task, drawn towards what the others say, as strongly as their word has held among themselves: where one task's
 * deviations are foretold by the others' to within their noise, the prior counts much, and else little.
 */
export function shrunk(own: Known, elsewhere: readonly Elsewhere[]): ReadonlyMap<string, number> {
  const others = elsewhere.map((one) => ({ by: deviations(one), weight: one.weight, noise: noiseOf(one) }));
  const sums = new Map<string, Sums>();
  const part = (deviation: number, weight: number): Sums => ({ deviation: weight * deviation, weight });
  for (const { by, weight } of others)
    for (const [name, one] of by) {
      const [sum, more] = [sums.get(name) ?? NOTHING, part(one, weight)];
      sums.set(name, { deviation: sum.deviation + more.deviation, weight: sum.weight + more.weight });
    }
  let [squares, noise, count] = [0, 0, 0];
  for (const { by, weight, noise: own } of others)
    for (const [name, one] of by) {
      squares += (one - foretold(sums.get(name), part(one, weight))) ** 2;
      noise += own;
      count++;
    }
  const ownNoise = noiseOf(own);
  const between = count === 0 ? Infinity : Math.max(1e-9, (squares - noise) / count);
  const strength = Math.max(STRENGTH[0], Math.min(STRENGTH[1], (own.items * ownNoise) / between));
  const middle = [...own.means.values()].reduce((sum, one) => sum + one, 0) / Math.max(1, own.means.size);
  return new Map(
    [...deviations(own)].map(([name, deviation]) => [
      name,
      middle +
        (others.length === 0
          ? deviation
          : (own.items * deviation + strength * foretold(sums.get(name))) / (own.items + strength)),
    ]),
  );
}

/** The variance of a mean grade of so many items, for grades of 0 and 1. */
function noiseOf({ means, items }: Known): number {
  const all = [...means.values()];
  return all.reduce((sum, p) => sum + Math.max(0.02, p * (1 - p)), 0) / Math.max(1, all.length) / Math.max(1, items);
}
