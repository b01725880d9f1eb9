/** The same marks as functions: a space whose options TypeScript checks. */
import { InvalidOption, type Model, type Schema, type Technique } from '../../core/index.ts';
import { printValue } from '../../core/formula/print.ts';
import { techniques } from '../../catalog.ts';
import { demosOf, isNone } from '../demos.ts';
import {
  allOf,
  fixed,
  maybeOf,
  NOTHING_FOUND,
  oneOf,
  sumOf,
  type Choices,
  type FilledPart,
  type Filling,
  type Found,
  type Part,
} from './part.ts';
import { spaceFrom, type Space } from './space.ts';

/** What a technique takes, each option as a value or as a list of values to choose from. */
export type Choosing<O> = { readonly [K in keyof O]: O[K] | readonly Exclude<O[K], undefined>[] };

// oxlint-disable-next-line typescript/no-explicit-any -- techniques of every schema
type Any = Technique<any, any>;

/** A technique, with choices among its options or with all of them at their defaults. */
export type Given = Any | Part;

/** A technique whose options may be lists of values: `choose(selfConsistency, { n: [3, 5, 9] })`. Throws InvalidOption. */
export function choose<O>(
  // oxlint-disable-next-line typescript/no-explicit-any -- techniques of every schema
  technique: Technique<any, O>,
  ...[options]: Partial<O> extends O ? [options?: Choosing<O>] : [options: Choosing<O>]
): Part {
  return chosen(technique, options);
}

/** `make`: the technique itself, or one that is made of what was found. */
function chosen(technique: Any, options: object = {}, make: (found: Found) => Any = () => technique): Part {
  const { name, options: schema } = technique.definition;
  const choices = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => optionOf(name, option, value, schema as Schema));
  const inside = choices.map(({ text }) => text).join(', ');
  const part: Part = allOf<OptionValue, FilledPart>(inside ? `${name}(${inside})` : name, choices, (given) => {
    const shown = given.map(({ text }) => text).join(', ');
    const isNothing = isNone(`${name}(${shown})`);
    const values = Object.fromEntries(given.map(({ option, value }) => [option, value]));
    return {
      text: isNothing ? '' : shown ? `${name}(${shown})` : name,
      picks: given.flatMap(({ picks }) => picks),
      transforms: (found) => (isNothing ? [] : [make(found)(values)]),
    };
  });
  let step = part.size;
  part.at(0n).transforms(NOTHING_FOUND);
  for (const { size } of choices) {
    step /= size;
    for (let i = 1n; i < size; i++) part.at(i * step).transforms(NOTHING_FOUND);
  }
  return part;
}

interface OptionValue extends Filling {
  readonly option: string;
  readonly value: unknown;
}

const LISTS: ReadonlySet<string> = new Set(['numbers', 'texts', 'models']);

function optionOf(technique: string, option: string, given: unknown, schema: Schema): Choices<OptionValue> {
  const kind = schema[option]?.kind ?? 'text';
  const one = (value: unknown): OptionValue => ({
    option,
    value,
    picks: [],
    text: `${option}=${printValue(kind, value)}`,
  });
  const isChoice = Array.isArray(given) && (!LISTS.has(kind) || given.some((value) => Array.isArray(value)));
  if (!isChoice) return fixed(one(given));
  const choice = `${technique}.${option}`;
  if (given.length === 0) throw new InvalidOption({ where: technique, option, rule: 'has no values to choose from' });
  const values = (given as readonly unknown[]).map((value) => one(value));
  const shown = values.map(({ text }) => text.slice(option.length + 1));
  const whole = oneOf(
    `${option}=[${shown.join(', ')}]`,
    choice,
    values.map((value) => fixed(value)),
  );
  return {
    ...whole,
    at(index) {
      const filling = whole.at(index);
      return { ...filling, picks: [{ choice, value: filling.text.slice(option.length + 1) }] };
    },
  };
}

/** With it or without it: `maybe(reRead)`. Several are taken or left together. */
export function maybe(...parts: readonly [Given, ...Given[]]): Part {
  return maybeOf(sumOf(parts.map(partOf)));
}

/** One of several techniques: `anyOf(choose(critic, { rounds: [1, 2] }), selfRefine)`. */
export function anyOf(...parts: readonly [Given, ...Given[]]): Part {
  const all = parts.map(partOf);
  const text = `anyOf(${all.map((part) => part.text).join(', ')})`;
  return oneOf(text, text, all);
}

/** One of several techniques after each other as a whole: `both(reRead, choose(critic))` as an alternative of `anyOf`. */
export function both(...parts: readonly [Given, ...Given[]]): Part {
  return sumOf(parts.map(partOf));
}

/** Instructions before the question, one of them. */
export function prompt(...wordings: readonly [string, ...string[]]): Part {
  return worded(wordings);
}

function worded(wordings: readonly string[]): Part {
  const request = techniques.find(({ definition }) => definition.name === 'request') as Any;
  const all = wordings.map((system) =>
    fixed({
      text: `request(system=${JSON.stringify(system)})`,
      picks: [],
      transforms: () => [request({ system })],
    }),
  );
  const text = `prompt(${wordings.map((wording) => JSON.stringify(wording)).join(', ')})`;
  const part = all.length === 1 ? (all[0] as Part) : oneOf(text, text, all);
  return { ...part, text, wording: { texts: wordings, with: (more) => worded([...wordings, ...more]) } };
}

export interface DemosChoices {
  /** How many. */
  readonly k: number | readonly number[];
  /** Which ones: each number is a choice of its own. Default 0, the first that were found. */
  readonly set?: number | readonly number[] | undefined;
}

/** Solved examples before the question. They are found by `compile` on the training items. */
export function demos({ k, set }: DemosChoices): Part {
  return chosen(demosOf([]), { k, ...(set !== undefined && { set }) }, ({ demonstrations }) => demosOf(demonstrations));
}

/** A space of compositions, on the model that `compile` is given, or on one of `models`. */
export function space(...parts: readonly Given[]): Space {
  return spaceFrom(parts.map(partOf));
}

/** The same on one of several models. */
export function spaceOn(models: readonly [Model, ...Model[]], ...parts: readonly Given[]): Space {
  const text = models.length === 1 ? models[0].name : `anyOf(${models.map(({ name }) => name).join(', ')})`;
  const all = models.map(({ name }) => fixed({ text: name, picks: [] }));
  const choices = all.length === 1 ? (all[0] as Choices) : oneOf(text, text, all);
  const build = (name: string): Model => models.find((model) => model.name === name) as Model;
  return spaceFrom(parts.map(partOf), { ...choices, build });
}

function partOf(given: Given): Part {
  return 'size' in given ? given : choose(given);
}
