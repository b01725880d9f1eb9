/** Distances from a known law against how much is spent, as a curve that the charts draw. */
import { NO_USAGE } from '../../src/core/index.ts';
import type { Curve } from '../../src/evaluate/index.ts';

export interface Distances {
  readonly model: string;
  /** What is varied, and the values it takes. */
  readonly over: string;
  readonly values: readonly number[];
  readonly seed: number;
  /** Draws that a distance was counted from. */
  readonly draws: number;
}

export function distanceCurve(
  { model, over, values, seed, draws }: Distances,
  formula: string,
  distances: readonly number[],
): Curve {
  return {
    task: 'tokens',
    model,
    formula,
    metric: 'total variation',
    over,
    run: undefined,
    seed,
    items: 1,
    total: 1,
    method: 'runs',
    usage: NO_USAGE,
    spending: NO_USAGE,
    warnings: [],
    failed: 0,
    exhausted: undefined,
    curve: distances.map((distance, i) => ({
      n: values[i] as number,
      accuracy: distance,
      ci95: [distance, distance],
      pass: undefined,
      samplesPerItem: draws,
      tokensPerItem: undefined,
      usdPerItem: undefined,
    })),
  };
}
