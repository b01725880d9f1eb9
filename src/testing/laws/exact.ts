/** The exact distribution of a model's answers: every path of choices through the production code, added up. */
import {
  enumerate,
  rootScope,
  textOf,
  toRequest,
  type ContextOptions,
  type Input,
  type Model,
  type Sampled,
} from '../../core/index.ts';

/** A distribution over outcomes, as probabilities that sum to 1. */
export type Probabilities = ReadonlyMap<string, number>;

export interface Exact extends Map<string, number> {
  /** How many paths of choices there are. */
  paths: number;
  /** Calls of the models for one answer, on average. */
  calls: number;
}

export interface ExactOptions extends Omit<ContextOptions, 'seed' | 'choice'> {
  /** What counts as the outcome. Default: the text of the first sample. */
  readonly outcome?: ((sampled: Sampled) => string) | undefined;
  /** Most paths to visit; beyond, a RangeError. Default a million. */
  readonly limit?: number | undefined;
}

/**
 * The probability of every outcome of `model.sample`, to the last bits of floating point. The base models must draw
 * from `context.choice`, as `enumerable` does.
 */
export async function exact(
  model: Model,
  input: Input = 'question',
  { outcome = textOfFirst, limit, ...options }: ExactOptions = {},
): Promise<Exact> {
  const distribution: Exact = Object.assign(new Map<string, number>(), { paths: 0, calls: 0 });
  const request = toRequest(input);
  const paths = enumerate(
    async (choice) => {
      const { context, close } = rootScope({ ...options, choice });
      try {
        const sampled = await model.sample(request, context);
        return { text: outcome(sampled), calls: sampled.usage.calls };
      } finally {
        close();
      }
    },
    limit === undefined ? {} : { limit },
  );
  for await (const { probability, value } of paths) {
    distribution.set(value.text, (distribution.get(value.text) ?? 0) + probability);
    distribution.calls += probability * value.calls;
    distribution.paths++;
  }
  return distribution;
}

/** Half the sum of the absolute differences: 0 for equal distributions, 1 for disjoint ones. */
export function totalVariation(a: Probabilities, b: Probabilities): number {
  const outcomes = new Set([...a.keys(), ...b.keys()]);
  return [...outcomes].reduce((sum, x) => sum + Math.abs((a.get(x) ?? 0) - (b.get(x) ?? 0)), 0) / 2;
}

/** KL(a ‖ b) in nats; infinite where `a` has an outcome that `b` has not. */
export function divergence(a: Probabilities, b: Probabilities): number {
  return [...a].reduce((sum, [x, p]) => (p > 0 ? sum + p * Math.log(p / (b.get(x) ?? 0)) : sum), 0);
}

function textOfFirst({ samples }: Sampled): string {
  return textOf(samples[0]?.content ?? '');
}
