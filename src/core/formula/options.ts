/**
 * Options of techniques, described once: the description checks them, prints and parses them in formulas, and feeds
 * help, studio and compile. Fields are data; `Options<S>` is the type they describe.
 */
import type { Model } from '../model.ts';
import { nearest } from './nearest.ts';
import { ANSWER_FORMATS, isAnswerFormat } from '../reading/extract.ts';
import type { AnswerFormat } from '../reading/answer.ts';
import type { Scorer } from '../technique/scorer.ts';

export type FieldKind =
  | 'integer'
  | 'number'
  | 'flag'
  | 'text'
  | 'one-of'
  | 'numbers'
  | 'texts'
  | 'model'
  | 'models'
  | 'scorer'
  | 'answer'
  | 'function';
type Presence = 'required' | 'defaulted' | 'optional';

export interface Field<T, P extends Presence = Presence> {
  readonly kind: FieldKind;
  readonly doc: string;
  readonly presence: P;
  readonly default: T | undefined;
  /** The values of `one-of`, and the known names of `answer` and `function`. */
  readonly values?: readonly string[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** The rule `value` breaks, or nothing. */
  readonly broken: (value: unknown) => string | undefined;
  /** Never set: carries the type. */
  readonly type?: T;
}

export type Schema = { readonly [option: string]: Field<unknown> };
type Value<F> = F extends Field<infer T> ? T : never;
type Optional<S extends Schema> = { [K in keyof S]: S[K] extends Field<unknown, 'required'> ? never : K }[keyof S];
/** What a caller may pass. */
export type OptionsIn<S extends Schema> = { readonly [K in Exclude<keyof S, Optional<S>>]: Value<S[K]> } & {
  readonly [K in Optional<S>]?: Value<S[K]> | undefined;
};
/** What a technique gets: checked, defaults filled in. */
export type Options<S extends Schema> = {
  readonly [K in keyof S]: S[K] extends Field<infer T, infer P> ? ('optional' extends P ? T | undefined : T) : never;
};

interface Common<T> {
  readonly doc: string;
  readonly default?: T;
  readonly optional?: true;
}
type PresenceOf<C> = C extends { readonly default: unknown }
  ? 'defaulted'
  : C extends { readonly optional: true }
    ? 'optional'
    : 'required';

function field<T, const C extends Common<T>>(
  kind: FieldKind,
  common: C,
  broken: Field<T>['broken'],
  more: Partial<Field<T>> = {},
): Field<T, PresenceOf<C>> {
  const presence: Presence = 'default' in common ? 'defaulted' : common.optional ? 'optional' : 'required';
  const described: Field<T> = { kind, doc: common.doc, presence, default: common.default, broken, ...more };
  return described as Field<T, PresenceOf<C>>;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}
const range = ({ min, max }: Range): string =>
  min !== undefined && max !== undefined
    ? ` from ${min} to ${max}`
    : min !== undefined
      ? ` of at least ${min}`
      : max !== undefined
        ? ` of at most ${max}`
        : '';
const within = (value: number, { min = -Infinity, max = Infinity }: Range): boolean => value >= min && value <= max;

export function integer<const C extends Common<number> & Range>(common: C): Field<number, PresenceOf<C>> {
  const rule =
    common.min === 1 && common.max === undefined ? 'must be a positive integer' : `must be an integer${range(common)}`;
  return field(
    'integer',
    common,
    (v) => (typeof v === 'number' && Number.isSafeInteger(v) && within(v, common) ? undefined : rule),
    { min: common.min, max: common.max },
  );
}
export function number<const C extends Common<number> & Range>(common: C): Field<number, PresenceOf<C>> {
  return field(
    'number',
    common,
    (v) =>
      typeof v === 'number' && Number.isFinite(v) && within(v, common) ? undefined : `must be a number${range(common)}`,
    { min: common.min, max: common.max },
  );
}
export function flag<const C extends Common<boolean>>(common: C): Field<boolean, PresenceOf<C>> {
  return field('flag', common, (v) => (typeof v === 'boolean' ? undefined : 'must be true or false'));
}
export function text<const C extends Common<string>>(common: C): Field<string, PresenceOf<C>> {
  return field('text', common, (v) => (typeof v === 'string' ? undefined : 'must be a text'));
}
interface Wording {
  readonly doc: string;
  /** Whether it may go without holes, as what follows up a conversation may. */
  readonly bare?: true;
}
/** The caller's wording of a prompt: a text with holes, such as `{question}`, for the parts it is made of. */
export function prompt(holes: readonly string[], { doc, bare }: Wording): Field<string, 'optional'> {
  const named = holes.map((hole) => `{${hole}}`);
  const fits = (text: string): boolean => bare === true || named.some((hole) => text.includes(hole));
  /** A hole that nothing fills, and that is spelt almost like one. Other words in braces are nobody's business. */
  const misspelt = (text: string): string | undefined =>
    [...text.matchAll(/\{(\w+)\}/g)]
      .map(([, word = '']) => word)
      .find((word) => !holes.includes(word) && nearest(word, holes));
  return field(
    'text',
    { doc: [doc, ...(named.length > 0 ? [`(${named.join(' ')})`] : [])].join(' '), optional: true },
    (v) => {
      if (typeof v !== 'string' || !fits(v))
        return bare ? 'must be a text' : `must be a text with ${named.join(' or ')} in it`;
      const word = misspelt(v);
      return word && `has {${word}}, and it can have ${named.join(', ')}`;
    },
  );
}
export function oneOf<const V extends readonly string[], const C extends Common<V[number]>>(
  values: V,
  common: C,
): Field<V[number], PresenceOf<C>> {
  return field<V[number], C>(
    'one-of',
    common,
    (v) =>
      typeof v === 'string' && values.includes(v)
        ? undefined
        : `must be one of ${values.map((x) => `"${x}"`).join(', ')}`,
    { values },
  );
}
export function numbers<const C extends Common<readonly number[]>>(common: C): Field<readonly number[], PresenceOf<C>> {
  return field('numbers', common, (v) =>
    Array.isArray(v) && v.every((x) => typeof x === 'number' && Number.isFinite(x))
      ? undefined
      : 'must be a list of numbers',
  );
}
export function texts<const C extends Common<readonly string[]>>(common: C): Field<readonly string[], PresenceOf<C>> {
  return field('texts', common, (v) =>
    Array.isArray(v) && v.every((x) => typeof x === 'string')
      ? undefined
      : 'must be a list of texts, such as ["a", "b"]',
  );
}
export function model<const C extends Common<Model>>(common: C): Field<Model, PresenceOf<C>> {
  return field('model', common, (v) => (isModel(v) ? undefined : 'must be a model'));
}
export function models<const C extends Common<readonly Model[]>>(common: C): Field<readonly Model[], PresenceOf<C>> {
  return field('models', common, (v) =>
    Array.isArray(v) && v.length > 0 && v.every(isModel) ? undefined : 'must be a list of models',
  );
}
export function scorer<const C extends Common<Scorer>>(common: C): Field<Scorer, PresenceOf<C>> {
  return field('scorer', common, (v) =>
    typeof v === 'function' || (typeof v === 'object' && v !== null && 'score' in v)
      ? undefined
      : 'must be a scoring function or a scorer',
  );
}
/** How answers are read: a kind, a pointer into JSON, or a function of the caller's, which a formula names. */
export function answer<const C extends Common<AnswerFormat>>(common: C): Field<AnswerFormat, PresenceOf<C>> {
  const names = ANSWER_FORMATS.map((one) => `"${one}"`).join(', ');
  return field<AnswerFormat, C>(
    'answer',
    common,
    (v) => (isAnswerFormat(v) ? undefined : `must be one of ${names}, a pointer such as "json:/answer", or a function`),
    { values: ANSWER_FORMATS },
  );
}
/**
 * A function of the caller's: it has no text form of its own, so a formula names it and the scope of the parser knows it.
 * `known` are functions that the technique brings along: they are named, and need no scope.
 */
export function callback<F extends ((...args: never[]) => unknown) | string>(known: readonly (F & string)[] = []) {
  const rule = ['must be a function', ...known.map((name) => `"${name}"`)].join(' or ');
  return <const C extends Common<F>>(common: C): Field<F, PresenceOf<C>> =>
    field<F, C>(
      'function',
      common,
      (v) => (typeof v === 'function' || known.some((name) => name === v) ? undefined : rule),
      known.length > 0 ? { values: known } : {},
    );
}

/** Something of the caller's that has a name and no text form, such as a list of tools: named in a formula like a function. */
export function resource<T extends { readonly name: string }>() {
  return <const C extends Common<T>>(common: C): Field<T, PresenceOf<C>> =>
    field<T, C>('function', common, (v) =>
      (typeof v === 'object' || typeof v === 'function') && v !== null && 'name' in v
        ? undefined
        : 'must be an object with a name',
    );
}

export function isModel(value: unknown): value is Model {
  return typeof value === 'object' && value !== null && 'sample' in value && 'can' in value && 'name' in value;
}
