/** What a reader may set of a law, such as a number, a model or its scores: described as the options of a technique are, and mostly it is such an option. */
import { scorer, textOf, type Field, type Scorer } from '../../core/index.ts';
import type { Distribution } from '../../models/written/index.ts';

/** Numbers of texts; a text that is not named, or whose number is NaN, has none. */
export type Scores = { readonly [text: string]: number };
/** What is said to each of several things. */
export type Tables = { readonly [given: string]: Distribution };

export interface Parameter<T> {
  readonly kind: Field<T>['kind'] | 'table' | 'weights' | 'weights-after' | 'scores';
  readonly doc: string;
  readonly default?: T | undefined;
  readonly values?: readonly string[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** The rule `value` breaks, or nothing. */
  readonly broken: (value: unknown) => string | undefined;
}

/** By their names. */
export type Parameters = { readonly [name: string]: Parameter<unknown> };
export type ValuesOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** A number that a reader sets no higher than this, because the paths are as many as its power. */
export function upTo(max: number, { kind, doc, default: fallback, min, broken }: Field<number>): Parameter<number> {
  return {
    kind,
    doc,
    default: fallback,
    min,
    max,
    broken: (value) =>
      broken(value) ?? (typeof value === 'number' && value > max ? `must be at most ${max} here` : undefined),
  };
}

/** Most answers of a model that a reader writes down. */
const MOST = 8;

/** A model written down: answers and their weights. */
export function table(weights: Distribution, doc = 'how often the model gives each answer'): Parameter<Distribution> {
  return { kind: 'table', doc, default: weights, max: MOST, broken: brokenTable };
}

/** A model whose answers mean something to the law, so that only their weights may change. */
export function weights(of: Distribution, doc = 'how often the model says each of these'): Parameter<Distribution> {
  return { kind: 'weights', doc, default: of, broken: (value) => brokenWeights(value, of) };
}

/** Several of them, by what was said before. */
export function weightsAfter(of: Tables, doc: string): Parameter<Tables> {
  return {
    kind: 'weights-after',
    doc,
    default: of,
    broken(value) {
      if (!isRecord(value) || !isSame(Object.keys(value), Object.keys(of))) return `must ${named(Object.keys(of))}`;
      for (const [given, one] of Object.entries(of)) {
        const rule = brokenWeights(value[given], one);
        if (rule) return `${rule}, after ${JSON.stringify(given)}`;
      }
      return undefined;
    },
  };
}

/** A number for each answer. */
export function scores(numbers: Scores, doc = 'the score of each answer'): Parameter<Scores> {
  return {
    kind: 'scores',
    doc,
    default: numbers,
    broken: (value) =>
      isRecord(value) && Object.values(value).every((one) => typeof one === 'number')
        ? undefined
        : 'must have a number, or nothing, for each answer',
  };
}

/** The number of a text, NaN where there is none. */
export function numberIn(numbers: Scores): (text: string) => number {
  return (text) => (Object.hasOwn(numbers, text) ? (numbers[text] as number) : Number.NaN);
}

/** A scorer that says these numbers. */
export function scorerOf(numbers: Scores, name = 'score'): Scorer {
  const of = numberIn(numbers);
  return scorer(name, ({ content }) => of(textOf(content)));
}

function brokenTable(value: unknown): string | undefined {
  if (!isRecord(value)) return 'must be answers with their weights';
  const all = Object.values(value);
  if (all.length === 0) return 'must have an answer';
  if (all.length > MOST) return `must have at most ${MOST} answers`;
  return brokenNumbers(all);
}

function brokenWeights(value: unknown, of: Distribution): string | undefined {
  const names = Object.keys(of);
  if (!isRecord(value) || !isSame(Object.keys(value), names)) return `must ${named(names)}`;
  return brokenNumbers(Object.values(value));
}

function brokenNumbers(all: readonly unknown[]): string | undefined {
  if (all.some((one) => typeof one !== 'number' || !Number.isFinite(one) || one < 0))
    return 'must have a number of 0 or more as the weight of each answer';
  return all.every((one) => one === 0) ? 'must have an answer with a weight above 0' : undefined;
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));
const named = (names: readonly string[]): string =>
  `have a weight for each of ${names.map((name) => JSON.stringify(name)).join(', ')}, and for nothing else`;

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
