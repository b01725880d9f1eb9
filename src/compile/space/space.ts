/** A space of models: techniques with choices in them, and the models that they may stand on. */
import { plus, type Choice, type Model } from '../../core/index.ts';
import { drawIndex, NOTHING_FOUND, sumOf, type Choices, type Found, type Part, type Picked } from './part.ts';

export interface Space {
  /** As it is written: `maybe(reRead) + selfConsistency(n=[3, 5])`. It reads back to the same space. */
  readonly text: string;
  /** How many compositions it has. They are not listed for it. */
  readonly size: bigint;
  /** Number `index` of them, on a model, or on the model that the space itself names. */
  at(index: bigint): Composed;
  /** Where it has `prompt(...)`: its wordings, and the same space with more of them. */
  readonly wording?:
    | { readonly texts: readonly string[]; readonly with: (more: readonly string[]) => Space }
    | undefined;
}

export interface Composed {
  /** What is added to the model; empty for the model as it is. */
  readonly text: string;
  readonly picks: readonly Picked[];
  /** The model that it stands on: the given one, or that of the space. */
  on(base: Model | undefined): Model;
  build(base: Model | undefined, found?: Found): Model;
}

/** Models with choices in them, and how the formula of one becomes a model. */
export interface ModelChoices extends Choices {
  readonly build: (text: string) => Model;
}

/** A space of parts, one after the other. */
export function spaceFrom(parts: readonly Part[], models?: ModelChoices): Space {
  const sum = sumOf(parts);
  const text = models ? [models.text, ...(sum.text ? [sum.text] : [])].join(' + ') : sum.text;
  const worded = parts.find((part) => part.wording);
  return {
    text,
    ...(worded?.wording && {
      wording: {
        texts: worded.wording.texts,
        with: (more) =>
          spaceFrom(
            parts.map((part) => (part === worded ? (part.wording?.with(more) ?? part) : part)),
            models,
          ),
      },
    }),
    size: (models?.size ?? 1n) * sum.size,
    at(index) {
      const filling = sum.at(index % sum.size);
      const model = models?.at(index / sum.size);
      const on = (base: Model | undefined): Model => (model && models ? models.build(model.text) : (base as Model));
      return {
        text: filling.text,
        on,
        picks: [...(model?.picks ?? []), ...filling.picks],
        build: (base, found = NOTHING_FOUND) => plus(on(base), ...filling.transforms(found)),
      };
    },
  };
}

/** Some of a space's compositions, in order: all of them where there are no more than `most`, and else as many drawn at random. */
export function someOf({ size }: Space, most: number, choice: Choice): readonly bigint[] {
  if (size <= BigInt(most)) return Array.from({ length: Number(size) }, (_, i) => BigInt(i));
  const drawn = new Set<bigint>([0n]);
  for (let i = 0; drawn.size < most; i++) drawn.add(drawIndex(size, choice.fork(`point/${i}`)));
  return [...drawn].toSorted((a, b) => (a < b ? -1 : Number(a > b)));
}
