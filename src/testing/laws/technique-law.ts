/**
 * The law of a technique: the techniques over which the shared laws run, and the closed form of its output distribution on
 * small written models. `src/<room>/<technique>/<technique>.law.ts` has one for each, with the bugs that it must find.
 */
import { InvalidOption, type Model, type Sampled, type Transform } from '../../core/index.ts';
import { exact, totalVariation, type Probabilities } from './exact.ts';
import type { LawsOptions } from './laws.ts';
import type { Parameters, ValuesOf } from './parameters.ts';

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
  /** Where it stands, if it is one of many that `varied` makes. */
  readonly variation?: Variation | undefined;
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

/** Where a law stands among others of its kind. */
export interface Variation {
  readonly parameters: Parameters;
  readonly values: { readonly [name: string]: unknown };
  /** The law at other values; those that are not named stay. Throws InvalidOption. */
  at(values: { readonly [name: string]: unknown }): ExactLaw;
}

/** A law at each of some values, where values that are not named are the defaults. */
export function varied<const P extends Parameters>(
  parameters: P,
  make: (values: ValuesOf<P>) => ExactLaw,
  at: ReadonlyArray<Partial<ValuesOf<P>>> = [{}],
): ExactLaw[] {
  const defaults = Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, one.default]));
  const stand = (given: Variation['values']): ExactLaw => {
    const values = Object.fromEntries(Object.keys(parameters).map((name) => [name, given[name]]));
    for (const [name, { broken }] of Object.entries(parameters)) {
      const rule = broken(values[name]);
      if (rule) throw new InvalidOption({ where: 'law', option: name, rule, value: values[name] });
    }
    return {
      ...make(values as ValuesOf<P>), // each has passed the check of its own parameter
      variation: { parameters, values, at: (others) => stand({ ...values, ...others }) },
    };
  };
  return at.map((values) => stand({ ...defaults, ...values }));
}

/** What became of an exact law. */
export interface Verdict {
  /** The total variation between the model and its closed form. */
  readonly distance: number;
  /** How many paths of choices were visited. */
  readonly paths: number;
  /** Calls of the models for one answer, on average. */
  readonly calls: number;
  readonly kept: boolean;
  /** What the production code makes, and what the closed form says. */
  readonly found: Probabilities;
  readonly expected: Probabilities;
}

/** Visits every path of choices and compares. @param limit most paths to visit; beyond, a RangeError. */
export async function verify({ model, expected, outcome, holds }: ExactLaw, limit?: number): Promise<Verdict> {
  const found = await exact(model, 'question', { outcome, limit });
  const wanted = await expected();
  const distance = totalVariation(found, wanted);
  const { paths, calls } = found;
  // A law that holds is met to rounding; one that does not is missed by far.
  return { distance, paths, calls, kept: holds ? distance <= 1e-12 : distance > 1e-3, found, expected: wanted };
}
