/** Remembers which technique made a model, with which options, so that a study can make it again with others. */
import type { Model } from './model.ts';
import type { Technique } from './technique.ts';

export interface Made {
  // oxlint-disable-next-line typescript/no-explicit-any -- techniques of every schema are remembered
  readonly technique: Technique<any>;
  /** All of its options, defaults included. */
  readonly options: { readonly [option: string]: unknown };
  readonly base: Model;
}

const notes = new WeakMap<Model, Made>();

/** Notes how `model` was made. */
export function noteMade(model: Model, made: Made): Model {
  notes.set(model, made);
  return model;
}

/** How the outermost technique made `model`; nothing for a model that no technique (or a combiner) made. */
export function madeBy(model: Model): Made | undefined {
  return notes.get(model);
}

/** The same model, but the outermost technique that has this option gets another value for it. Nothing where none has it. */
export function withOption(model: Model, option: string, value: unknown): Model | undefined {
  const made = notes.get(model);
  if (!made) return undefined;
  const { technique, options, base } = made;
  if (Object.hasOwn(technique.definition.options, option)) return technique({ ...options, [option]: value })(base);
  const inner = withOption(base, option, value);
  return inner && technique(options)(inner);
}
