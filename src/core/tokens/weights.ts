/** Weights kept as logarithms, of tokens or of texts written side by side: relative to the largest, their mean, how many count. */

/** The weights relative to the largest, which is 1, so that none is too large; all are 0 where nothing weighs anything. */
export function weightsOf(logWeights: readonly number[] | Float64Array): number[] {
  const top = greatest(logWeights);
  const weights: number[] = [];
  for (const weight of logWeights) weights.push(weight === -Infinity ? 0 : Math.exp(weight - top));
  return weights;
}

/** The logarithm of the mean weight. */
export function logMean(logWeights: readonly number[]): number {
  const top = greatest(logWeights);
  return top === -Infinity ? top : top + Math.log(sum(weightsOf(logWeights)) / logWeights.length);
}

/** How many particles of equal weight would be worth as much: (Σw)² / Σw², 0 where none weighs anything. (Kong, Liu and Wong, 1994) */
export function effectiveSize(logWeights: readonly number[]): number {
  const weights = weightsOf(logWeights);
  const squares = sum(weights.map((weight) => weight * weight));
  return squares === 0 ? 0 : sum(weights) ** 2 / squares;
}

/** The largest of some numbers, `-Infinity` where there is none. */
export function greatest(values: readonly number[] | Float64Array): number {
  let top = -Infinity;
  for (const value of values) if (value > top) top = value;
  return top;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
