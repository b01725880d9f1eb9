/**
 * A space of compositions: a composition in which choices are marked. A part of it knows how many fillings it has and gives
 * filling number `i`, so that a space of any size is counted and drawn from without listing it.
 */
import type { Choice, Transform } from '../../core/index.ts';
import type { Demonstration } from '../demos.ts';

/** What was taken at one choice. */
export interface Picked {
  /** The choice, such as `selfConsistency.n`. */
  readonly choice: string;
  /** What was taken, as it stands in a formula. */
  readonly value: string;
}

/** A part without choices left in it. */
export interface Filling {
  /** Its formula; empty where nothing is added. */
  readonly text: string;
  readonly picks: readonly Picked[];
}

/** Something with choices in it, as text: a technique, a model, the value of an option. */
export interface Choices<F extends Filling = Filling> {
  /** With its choices, as it is written. */
  readonly text: string;
  /** How many fillings it has. */
  readonly size: bigint;
  at(index: bigint): F;
}

/** What was found on the training items, and stands in compositions that ask for it. */
export interface Found {
  readonly demonstrations: readonly Demonstration[];
}

/** A filling that can be put on a model. */
export interface FilledPart extends Filling {
  readonly transforms: (found: Found) => readonly Transform[];
}

/** What compositions are tried with before anything was found. */
export const NOTHING_FOUND: Found = { demonstrations: [] };

/** Techniques with choices in them. */
export interface Part extends Choices<FilledPart> {
  /** Of `prompt(...)`: its wordings, and the same part with more of them. */
  readonly wording?: Wordings | undefined;
}

export interface Wordings {
  readonly texts: readonly string[];
  readonly with: (more: readonly string[]) => Part;
}

/** No choice at all. */
export function fixed<F extends Filling>(filling: F): Choices<F> {
  return { text: filling.text, size: 1n, at: () => filling };
}

/** One of several. */
export function oneOf<F extends Filling>(text: string, choice: string, of: readonly Choices<F>[]): Choices<F> {
  return {
    text,
    size: of.reduce((sum, { size }) => sum + size, 0n),
    at(index) {
      let rest = index;
      for (const one of of) {
        if (rest < one.size) {
          const filling = one.at(rest);
          return { ...filling, picks: [{ choice, value: one.text || 'none' }, ...filling.picks] };
        }
        rest -= one.size;
      }
      throw new RangeError(`compile: filling ${index} of ${text} does not exist`);
    },
  };
}

/** All of several, each with its own choices. `join` makes one filling of theirs. */
export function allOf<F extends Filling, G extends Filling>(
  text: string,
  of: readonly Choices<F>[],
  join: (fillings: readonly F[]) => G,
): Choices<G> {
  return {
    text,
    size: of.reduce((product, { size }) => product * size, 1n),
    at(index) {
      let rest = index;
      const fillings: F[] = [];
      // The last part's choices change fastest, as digits do.
      for (const one of of.toReversed()) {
        fillings.unshift(one.at(rest % one.size));
        rest /= one.size;
      }
      return join(fillings);
    },
  };
}

/** Techniques one after the other. */
export function sumOf(parts: readonly Part[], text = parts.map((one) => one.text).join(' + ')): Part {
  return allOf(text, parts, (fillings) => ({
    text: fillings.flatMap((one) => one.text || []).join(' + '),
    picks: fillings.flatMap(({ picks }) => picks),
    transforms: (found) => fillings.flatMap((one) => one.transforms(found)),
  }));
}

const NOTHING: FilledPart = { text: '', picks: [], transforms: () => [] };

/** With it or without it. */
export function maybeOf(part: Part): Part {
  const text = `maybe(${part.text})`;
  const both = oneOf(text, text, [fixed(NOTHING), part]);
  return {
    ...both,
    at(index) {
      const { picks, ...filling } = both.at(index);
      return { ...filling, picks: [{ choice: text, value: index === 0n ? 'no' : 'yes' }, ...picks.slice(1)] };
    },
  };
}

/** A number below `size`, each as likely. */
export function drawIndex(size: bigint, choice: Choice): bigint {
  const digits = size.toString(16).length;
  for (let round = 0; ; round++) {
    const drawn = Array.from({ length: digits }, (_, i) =>
      choice.fork(`${round}/${i}`).categorical(SIXTEEN).toString(16),
    );
    const index = BigInt(`0x${drawn.join('')}`);
    if (index < size) return index;
  }
}

const SIXTEEN = Array.from({ length: 16 }, () => 1);
