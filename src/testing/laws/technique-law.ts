/**
 * The law of a technique: the techniques over which the shared laws run, and the closed form of its output distribution on
 * small written models. `src/<room>/<technique>/<technique>.law.ts` has one for each, with the bugs that it must find.
 */
import type { Model, Sampled, Transform } from '../../core/index.ts';
import { exact, totalVariation, type Probabilities } from './exact.ts';
import type { LawsOptions } from './laws.ts';

export interface TechniqueLaw {
  /** The technique's name in formulas. */
  readonly technique: string;
  /** The technique in each of its ways, for the shared laws, by a name that says which way it is. */
  readonly subjects: { readonly [name: string]: Transform | Subject };
  readonly exact: readonly ExactLaw[];
}

/** A technique with what the shared laws must know of it. */
export interface Subject extends LawsOptions {
  readonly transform: Transform;
}

/** A model, and its distribution written down without the technique's code. */
export interface ExactLaw {
  readonly law: string;
  readonly model: Model;
  readonly expected: () => Probabilities | Promise<Probabilities>;
  /** What counts as the outcome, where it is not the text alone. */
  readonly outcome?: ((sampled: Sampled) => string) | undefined;
  /** `false`: the two must differ. */
  readonly holds: boolean;
}

/** A seeded bug: in a copy of `src/file`, the text `from`, which stands there once, becomes `to`. The law must find it. */
export interface Bug {
  readonly bug: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The model has the expected distribution. */
export function holds(
  law: string,
  model: Model,
  expected: ExactLaw['expected'],
  { outcome }: Pick<ExactLaw, 'outcome'> = {},
): ExactLaw {
  return { law, model, expected, outcome, holds: true };
}

/** Two models have the same distribution: an identity of the algebra. */
export function same(law: string, model: Model, other: Model): ExactLaw {
  return holds(law, model, () => exact(other));
}

/** Two models have different distributions: what does not hold, so that nothing is rewritten by it. */
export function differs(law: string, model: Model, other: Model): ExactLaw {
  return { ...same(law, model, other), holds: false };
}

/** What became of an exact law. */
export interface Verdict {
  /** The total variation between the model and its closed form. */
  readonly distance: number;
  /** How many paths of choices were visited. */
  readonly paths: number;
  readonly kept: boolean;
}

/** Visits every path of choices and compares. @param limit most paths to visit; beyond, a RangeError. */
export async function verify({ model, expected, outcome, holds }: ExactLaw, limit?: number): Promise<Verdict> {
  const distribution = await exact(model, 'question', { outcome, limit });
  const distance = totalVariation(distribution, await expected());
  // A law that holds is met to rounding; one that does not is missed by far.
  return { distance, paths: distribution.paths, kept: holds ? distance <= 1e-12 : distance > 1e-3 };
}
