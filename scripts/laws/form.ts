/** What a set of laws is, and what closed forms are written with. */
import { textOf, type Message, type Model, type Sampled, type Transform } from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import type { Probabilities } from '../../src/testing/laws/exact.ts';
import type { LawsOptions } from '../../src/testing/laws/laws.ts';

/** A technique as the shared laws are run over it, with what they must know. */
export interface Subject extends LawsOptions {
  readonly transform: Transform;
}

/** The laws of one room: techniques for the shared laws by name, and closed forms. */
export interface LawSet {
  readonly subjects: { readonly [name: string]: Transform | Subject };
  readonly exact: readonly ExactLaw[];
  /** Seeded bugs that the laws of this room must find. */
  readonly mutants?: readonly Mutant[];
}

/** A bug put into a copy of `src/file`: `from`, which stands there once, becomes `to`. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface ExactLaw {
  readonly technique: string;
  readonly law: string;
  readonly model: Model;
  readonly expected: () => Probabilities | Promise<Probabilities>;
  /** What counts as the outcome, where it is not the text alone. */
  readonly outcome?: (sampled: Sampled) => string;
  /** `false`: the two must differ. */
  readonly holds: boolean;
}

export type P = ReadonlyMap<string, number>;

export const normal = (weights: Distribution): P => {
  const total = Object.values(weights).reduce((sum, w) => sum + w, 0);
  return new Map(Object.entries(weights).map(([y, w]) => [y, w / total]));
};
export const finite = (weights: Distribution, name = 'base'): Model => enumerable({ name, answers: { '*': weights } });
export const add = (into: Map<string, number>, y: string, p: number): void => void into.set(y, (into.get(y) ?? 0) + p);

/** Answers weighed by all that was said before, in place of those that the shared laws would take. */
export function weighed(prompt: readonly Message[], answers: readonly string[]): Distribution {
  let mixed = 11;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 33) + char.charCodeAt(0)) >>> 0;
  return Object.fromEntries(answers.map((answer, i) => [answer, 1 + ((mixed >>> (3 * i)) % 5)]));
}
