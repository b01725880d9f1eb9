/** Remembers, beside a composed model, what it was made of and by which technique: a model's shape has no place for it. */
import type { Model } from '../model.ts';
import type { Schema } from '../formula/options.ts';
import { scorerName, type Scorer } from './scorer.ts';
import type { AnyTechnique, Technique } from './definition.ts';

/** How one technique made a model. */
export interface Made {
  // oxlint-disable-next-line typescript/no-explicit-any -- techniques of every schema are remembered
  readonly technique: Technique<any, any>;
  /** All of its options, defaults included. */
  readonly options: { readonly [option: string]: unknown };
  readonly base: Model;
}

const lineages = new WeakMap<Model, Composition>();

/** Notes what `model` was made of. */
export function noteLineage(model: Model, lineage: Composition): Model {
  lineages.set(model, lineage);
  return model;
}

/** The models at the bottom of a composed model, each once, in order. A model that is made of nothing known is its own base. */
export function basesOf(model: Model): readonly Model[] {
  return [...new Set(lineages.get(model)?.bases.flatMap(basesOf) ?? [model])];
}

/** What a technique or a combiner made a model of; nothing for a model that neither made. */
export interface Composition {
  readonly by: AnyTechnique;
  /** All of its options, defaults included. */
  readonly options: { readonly [option: string]: unknown };
  readonly bases: readonly Model[];
}

/** What `model` is composed of, one step down. */
export function compositionOf(model: Model): Composition | undefined {
  return lineages.get(model);
}

/** How the outermost technique made `model`; nothing for a model that no technique (or a combiner) made. */
export function madeBy(model: Model): Made | undefined {
  const { by, options, bases } = lineages.get(model) ?? {};
  const [base] = bases ?? [];
  return by?.takes === 'one' && options && base ? { technique: by, options, base } : undefined;
}

/** The techniques and scorers a composed model is made with: what must be known to parse its formula. A judge's own techniques are not among them. */
export function namesIn(model: Model): { techniques: AnyTechnique[]; scorers: { [name: string]: Scorer } } {
  const lineage = lineages.get(model);
  if (!lineage) return { techniques: [], scorers: {} };
  const { by, options, bases } = lineage;
  const fields = Object.entries(by.definition.options as Schema).filter(([option]) => options[option] !== undefined);
  const inside = fields.flatMap(([option, { kind }]) =>
    kind === 'model' || kind === 'models' ? ([options[option]].flat() as Model[]) : [],
  );
  const scorers = fields.flatMap(([option, { kind }]) => (kind === 'scorer' ? [options[option] as Scorer] : []));
  const below = [...bases, ...inside].map(namesIn);
  return {
    techniques: [...new Set([by, ...below.flatMap(({ techniques }) => techniques)])],
    scorers: Object.assign(
      {},
      ...below.map((one) => one.scorers),
      Object.fromEntries(scorers.map((one) => [scorerName(one), one])),
    ),
  };
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
