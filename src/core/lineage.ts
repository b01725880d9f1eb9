/** Remembers, beside a composed model, what it was made of and by which technique: a model's shape has no place for it. */
import type { Model } from './model.ts';
import type { Technique } from './technique.ts';

/** How one technique made a model. */
export interface Made {
  // oxlint-disable-next-line typescript/no-explicit-any -- techniques of every schema are remembered
  readonly technique: Technique<any>;
  /** All of its options, defaults included. */
  readonly options: { readonly [option: string]: unknown };
  readonly base: Model;
}

interface Lineage {
  readonly bases: readonly Model[];
  /** Absent where a combiner made the model. */
  readonly made?: Made;
}

const lineages = new WeakMap<Model, Lineage>();

/** Notes what `model` was made of. */
export function noteLineage(model: Model, lineage: Lineage): Model {
  lineages.set(model, lineage);
  return model;
}

/** The models at the bottom of a composed model, each once, in order. A model that is made of nothing known is its own base. */
export function basesOf(model: Model): readonly Model[] {
  return [...new Set(lineages.get(model)?.bases.flatMap(basesOf) ?? [model])];
}

/** How the outermost technique made `model`; nothing for a model that no technique (or a combiner) made. */
export function madeBy(model: Model): Made | undefined {
  return lineages.get(model)?.made;
}

/** The same model, but the outermost technique that has this option gets another value for it. Nothing where none has it. */
export function withOption(model: Model, option: string, value: unknown): Model | undefined {
  const made = madeBy(model);
  if (!made) return undefined;
  const { technique, options, base } = made;
  if (Object.hasOwn(technique.definition.options, option)) return technique({ ...options, [option]: value })(base);
  const inner = withOption(base, option, value);
  return inner && technique(options)(inner);
}
