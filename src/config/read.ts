/** Data from outside, read field by field: what is not as described is refused with its place, the rule and the way out. */
import { cleanText } from '../core/calls/secrets.ts';
import { nearest, PlusxError, type Json } from '../core/index.ts';

/** A configuration says something that cannot be. */
export class ConfigError extends PlusxError {
  override readonly kind = 'usage';
  readonly file: string;
  /** Where in the file, as a JSON pointer: `/models/careful`. Empty where the file as a whole is meant. */
  readonly pointer: string;
  constructor({ file, pointer = '', problem, hint }: Problem) {
    const place = pointer && `#${cleanText(pointer, [])}`;
    super(`${file}${place}: ${problem}${hint ? `. ${hint}` : ''}`.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '));
    this.file = file;
    this.pointer = pointer;
  }
}

interface Problem {
  readonly file: string;
  readonly pointer?: string;
  readonly problem: string;
  readonly hint?: string | undefined;
}

/** Where a value stands. */
export interface Place {
  readonly file: string;
  readonly pointer: string;
  /** The name of the field, or the number of the item. */
  readonly name: string;
}

/** The place of the whole. */
export const whole = (file: string): Place => ({ file, pointer: '', name: '' });

/** Makes a checked value of one from outside, or throws ConfigError. */
export type Read<T> = (value: unknown, place: Place) => T;

/** The place of a field, or of an item of a list. */
export function inside({ file, pointer }: Place, key: string | number): Place {
  const step = String(key).toWellFormed().slice(0, SHOWN).replaceAll('~', '~0').replaceAll('/', '~1');
  return { file, pointer: `${pointer}/${step}`, name: String(key) };
}

/** Refuses a value. It is shown only where `shown` says so: a misplaced key must not get out. */
export function refuse(
  place: Place,
  problem: string,
  { value, hint, shown = true }: { readonly value?: unknown; readonly hint?: string | undefined; shown?: boolean } = {},
): never {
  const got = value === undefined || !shown ? '' : `, got ${briefly(value)}`;
  throw new ConfigError({ ...place, problem: `${problem}${got}`, hint });
}

/** A value on one line, short, and without what looks like a key. */
function briefly(value: unknown): string {
  if (typeof value === 'string') {
    const clean = cleanText(value.slice(0, 10 * SHOWN).toWellFormed(), []);
    return JSON.stringify(clean.length > SHOWN ? `${clean.slice(0, SHOWN - 3)}...` : clean);
  }
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

const SHOWN = 60;
const TEXT_LENGTH = 65_536;
const DEPTH = 32;
const ENTRIES = 10_000;

interface TextRule {
  readonly rule?: string;
  readonly matches?: RegExp;
  readonly most?: number;
  readonly hint?: string;
  /** Whether the error may show what stands there. Default true. */
  readonly shown?: boolean;
}

/** A text that is not empty. */
export function text({
  rule = 'must be a text',
  matches,
  most = TEXT_LENGTH,
  hint,
  shown = true,
}: TextRule = {}): Read<string> {
  return (value, place) => {
    if (typeof value !== 'string' || value === '') return refuse(place, rule, { value, hint, shown });
    if (!value.isWellFormed()) return refuse(place, 'must be well-formed Unicode: it holds half of a character');
    if (value.length > most) return refuse(place, `must have at most ${most} characters, got ${value.length}`);
    return matches && !matches.test(value) ? refuse(place, rule, { value, hint, shown }) : value;
  };
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

export function number({ min = -Infinity, max = Infinity }: Range = {}): Read<number> {
  return (value, place) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
      ? value
      : refuse(place, `must be a number${range(min, max)}`, { value });
}

export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}): Read<number> {
  return (value, place) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : refuse(place, `must be an integer${range(min, max === Number.MAX_SAFE_INTEGER ? Infinity : max)}`, { value });
}

const range = (min: number, max: number): string =>
  min > -Infinity && max < Infinity
    ? ` from ${min} to ${max}`
    : min > -Infinity
      ? ` of at least ${min}`
      : max < Infinity
        ? ` of at most ${max}`
        : '';

export const flag: Read<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : refuse(place, 'must be true or false', { value });

export function oneOf<const V extends string>(values: readonly V[]): Read<V> {
  return (value, place) => {
    const found = values.find((one) => one === value);
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? nearest(value, values) : undefined;
    const rule = `must be one of ${values.map((one) => JSON.stringify(one)).join(', ')}`;
    return refuse(place, rule, { value, hint: near && `Did you mean ${JSON.stringify(near)}?` });
  };
}

/** Any JSON value, at most 32 deep; `at` may read a value in a way of its own. */
export function json(at: (value: unknown, place: Place) => Json | undefined = () => undefined): Read<Json> {
  const read = (value: unknown, place: Place, depth: number): Json => {
    if (depth > DEPTH) return refuse(place, `may nest lists and objects ${DEPTH} deep`);
    const own = at(value, place);
    if (own !== undefined) return own;
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number') return number()(value, place);
    if (typeof value === 'string') return value === '' ? value : text()(value, place);
    if (Array.isArray(value)) return value.map((item, i) => read(item, inside(place, i), depth + 1));
    const what = 'must be plain data, such as JSON holds';
    return table((item, below) => read(item, below, depth + 1), { what })(value, place);
  };
  return (value, place) => read(value, place, 0);
}

export function list<T>(each: Read<T>, { most = ENTRIES } = {}): Read<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return refuse(place, 'must be a list', { value });
    if (value.length > most) return refuse(place, `may have ${most} entries, got ${value.length}`);
    return Object.freeze(value.map((item, i) => each(item, inside(place, i))));
  };
}

/** An object whose names are the writer's own. */
export function table<T>(
  each: Read<T>,
  { name, what = 'must be an object', most = ENTRIES }: { name?: Read<string>; what?: string; most?: number } = {},
): Read<{ readonly [name: string]: T }> {
  return (value, place) => {
    const entries = entriesOf(value, place, what);
    if (entries.length > most) return refuse(place, `may have ${most} entries, got ${entries.length}`);
    return Object.freeze(
      Object.fromEntries(
        entries.map(([key, item]) => {
          const at = inside(place, key);
          (name ?? KEY)(key, at);
          return [key, each(item, at)];
        }),
      ),
    );
  };
}

const KEY = text({ rule: 'must have a name', most: 1024 });

interface FieldsRule<T> {
  readonly required?: readonly (keyof T & string)[];
  /** What to write instead of a name that is not one, such as `apiKey`. */
  readonly instead?: { readonly [name: string]: string };
}

/** An object with known names: a name that nobody knows is refused with the one that is meant. */
export function fields<T>(
  shape: { readonly [K in keyof T]-?: Read<T[K]> },
  { required = [], instead = {} }: FieldsRule<T> = {},
): Read<T> {
  const readers = new Map<string, Read<unknown>>(Object.entries<Read<unknown>>(shape));
  return (value, place) => {
    const entries = entriesOf(value, place, 'must be an object');
    const read = entries.map(([key, item]) => {
      const reader = readers.get(key);
      return reader ? [key, reader(item, inside(place, key))] : unknownName(key, place, [...readers.keys()], instead);
    });
    const result = Object.freeze(Object.fromEntries(read) as T);
    for (const key of required) if (result[key] === undefined) refuse(place, `must have the field ${key}`);
    return result;
  };
}

function unknownName(
  key: string,
  place: Place,
  names: readonly string[],
  instead: { readonly [name: string]: string },
): never {
  if (Object.hasOwn(instead, key))
    return refuse(inside(place, key), 'cannot be written here', { hint: instead[key], shown: false });
  const near = nearest(key.slice(0, SHOWN), names);
  return refuse(inside(place, key), 'is no name that is known here', {
    hint: `${near ? `Did you mean \`${near}\`? ` : ''}There are: ${names.join(', ')}`,
    shown: false,
  });
}

function entriesOf(value: unknown, place: Place, what: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlain(value))
    return refuse(place, what, { value });
  return Object.entries(value as { [key: string]: unknown }).filter(([, item]) => item !== undefined);
}

/** Whether it is an object written with braces, in this or another realm: an instance of a class is no data. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
