/** Remembers what a model was made of, beside the model: its shape has no place for it and needs none. */
import type { Model } from './model.ts';

const parts = new WeakMap<Model, readonly Model[]>();

/** Notes the models that `model` was made of. */
export function madeOf(bases: readonly Model[], model: Model): Model {
  parts.set(model, bases);
  return model;
}

/** The models at the bottom of a composed model, each once, in order. A model that is made of nothing known is its own base. */
export function basesOf(model: Model): readonly Model[] {
  return [...new Set(parts.get(model)?.flatMap(basesOf) ?? [model])];
}
