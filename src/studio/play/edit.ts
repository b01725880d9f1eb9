/** Changing a formula as text: what could stand at the cursor, one technique more or less, another model. Runs in a browser. */
import { printName } from '../../core/formula/print.ts';
import type { Facts, OptionFacts, TechniqueFacts } from './protocol.ts';

export interface Edit {
  readonly formula: string;
  /** What is selected afterwards: where the person goes on writing. */
  readonly from: number;
  readonly to: number;
}

export interface Completion {
  /** What is put in place of what stands from `from` to `to`. */
  readonly text: string;
  /** What it is, in a line. */
  readonly about: string;
}

export interface Completions {
  readonly from: number;
  readonly to: number;
  readonly candidates: readonly Completion[];
}

/** Letters of a name, as formulas have them. */
const LETTER = /[\w.~:/@$-]/;
const MOST_CANDIDATES = 60;
/** What a name or a value may stand behind. */
const OPENS = '+(,=[';

/** What can stand at a cursor: a model or a combiner at the start, a technique after a plus, an option within brackets, its values. */
export function complete(formula: string, cursor: number, facts: Facts): Completions {
  let from = cursor;
  while (from > 0 && LETTER.test(formula[from - 1] as string)) from--;
  let to = cursor;
  while (to < formula.length && LETTER.test(formula[to] as string)) to++;
  const before = formula.slice(0, from).trimEnd().at(-1);
  if (before !== undefined && !OPENS.includes(before)) return { from, to, candidates: [] };
  const typed = formula.slice(from, cursor).toLowerCase();
  const rank = ({ text }: Completion): number => {
    const at = text.toLowerCase().indexOf(typed);
    return at < 0 ? Infinity : at;
  };
  const candidates = candidatesAt(placeAt(formula.slice(0, from)), facts)
    .filter((one) => rank(one) < Infinity)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MOST_CANDIDATES);
  return { from, to, candidates };
}

type Place =
  | { readonly kind: 'start' }
  | { readonly kind: 'technique' }
  | { readonly kind: 'argument'; readonly of: string; readonly given: readonly string[] }
  | { readonly kind: 'value'; readonly of: string; readonly option: string }
  | { readonly kind: 'text' };

/** Where in the grammar the end of a beginning is. */
function placeAt(before: string): Place {
  const open: { readonly of: string; readonly given: string[]; option: string | undefined; isSum: boolean }[] = [];
  let word = '';
  let isSum = false;
  for (let i = 0; i < before.length; i++) {
    const letter = before[i] as string;
    const inside = open.at(-1);
    if (letter === '"') {
      const end = textEnd(before, i);
      if (end === undefined) return { kind: 'text' };
      i = end - 1;
      word = '';
    } else if (LETTER.test(letter)) word += letter;
    else {
      if (letter === '(') open.push({ of: word, given: [], option: undefined, isSum: false });
      else if (letter === ')') open.pop();
      else if (letter === '+' && inside) inside.isSum = true;
      else if (letter === '+') isSum = true;
      else if (letter === '=' && inside) {
        inside.option = word;
        inside.given.push(word);
      } else if (letter === ',' && inside && !isInList(before, i)) {
        inside.option = undefined;
        inside.isSum = false;
      }
      if (letter !== ' ') word = '';
    }
  }
  const inside = open.at(-1);
  if (!inside) return { kind: isSum ? 'technique' : 'start' };
  if (inside.isSum) return { kind: 'technique' };
  if (inside.of === '') return { kind: 'start' }; // a formula in brackets
  if (inside.option !== undefined) return { kind: 'value', of: inside.of, option: inside.option };
  return { kind: 'argument', of: inside.of, given: inside.given };
}

/** Whether a comma stands between square brackets. */
function isInList(text: string, at: number): boolean {
  const before = text.slice(0, at);
  return before.lastIndexOf('[') > before.lastIndexOf(']');
}

/** The index after the closing quote of the text that begins at `at`; nothing where it does not close. */
function textEnd(formula: string, at: number): number | undefined {
  for (let i = at + 1; i < formula.length; i++) {
    if (formula[i] === '\\') i++;
    else if (formula[i] === '"') return i + 1;
  }
  return undefined;
}

function candidatesAt(place: Place, facts: Facts): readonly Completion[] {
  const models = facts.models.map((name) => ({ text: printName(name), about: 'model' }));
  const calls = (takes: TechniqueFacts['takes']): readonly Completion[] =>
    facts.techniques.filter((one) => one.takes === takes).map((one) => ({ text: one.name, about: one.summary }));
  const find = (name: string): TechniqueFacts | undefined => facts.techniques.find((one) => one.name === name);
  switch (place.kind) {
    case 'text':
      return [];
    case 'start':
      return [...models, ...calls('many')];
    case 'technique':
      return calls('one');
    case 'argument': {
      const technique = find(place.of);
      const options = (technique?.options ?? []).filter(({ name }) => !place.given.includes(name));
      const named = options.map(({ name, doc }) => ({ text: `${name}=`, about: doc }));
      return technique?.takes === 'many' ? [...models, ...named] : named;
    }
    case 'value':
      return valuesOf(
        find(place.of)?.options.find(({ name }) => name === place.option),
        facts,
        models,
      );
  }
}

function valuesOf(option: OptionFacts | undefined, facts: Facts, models: readonly Completion[]): readonly Completion[] {
  if (!option) return [];
  const { kind, doc, values } = option;
  const plain = (texts: readonly string[]): readonly Completion[] => texts.map((text) => ({ text, about: doc }));
  if (kind === 'model' || kind === 'models') return models;
  if (kind === 'flag') return plain(['true', 'false']);
  if (kind === 'scorer') return plain(facts.scorers.map(printName));
  if (values.length > 0) return plain(kind === 'one-of' ? values.map((value) => JSON.stringify(value)) : values);
  return option.default === undefined ? [] : [{ text: option.default, about: `default: ${doc}` }];
}

/** One technique more, around all that is there. What it must be told is left to be written, and selected. */
export function add(formula: string, { name, takes, options }: TechniqueFacts, model: string): Edit {
  const inner = formula.trim() || printName(model);
  const required = options.filter((one) => one.required).map((one) => `${one.name}=`);
  if (takes === 'many') {
    const begun = `${name}(${inner}, ${printName(model)}`;
    const whole = `${begun}${required.map((one) => `, ${one}`).join('')})`;
    return { formula: whole, from: begun.length - printName(model).length, to: begun.length };
  }
  const whole = `${inner} + ${name}${required.length > 0 ? `(${required.join(', ')})` : ''}`;
  const at = required.length > 0 ? `${inner} + ${name}(${required[0]}`.length : whole.length;
  return { formula: whole, from: at, to: at };
}

/** Without the technique whose name begins at `position`, behind a plus. */
export function without(formula: string, position: number): Edit {
  const before = formula.slice(0, position).replace(/\s*\+\s*$/, '');
  return { formula: before + formula.slice(callEnd(formula, position)), from: before.length, to: before.length };
}

/** Of another model: the head is exchanged, up to the first plus outside of all brackets. */
export function onModel(formula: string, model: string): Edit {
  const name = printName(model);
  const end = headEnd(formula);
  const rest = formula.slice(end).trimStart();
  return { formula: rest === '' ? name : `${name} ${rest}`, from: name.length, to: name.length };
}

/** The model or the combiner that all of it is made of. */
export const headOf = (formula: string): string => formula.slice(0, headEnd(formula)).trim();

/** The index after a call that begins at `position`: after its name, or after its brackets. */
export function callEnd(formula: string, position: number): number {
  let at = position;
  while (at < formula.length && LETTER.test(formula[at] as string)) at++;
  return formula[at] === '(' ? skipped(formula, at, (letter, depth) => letter === ')' && depth === 0) + 1 : at;
}

function headEnd(formula: string): number {
  return skipped(formula, 0, (letter, depth) => letter === '+' && depth === 0);
}

/** The index of the first letter outside of texts for which `isEnd` holds; the end where there is none. */
function skipped(formula: string, start: number, isEnd: (letter: string, depth: number) => boolean): number {
  let depth = 0;
  for (let i = start; i < formula.length; i++) {
    const letter = formula[i] as string;
    if (letter === '"') i = (textEnd(formula, i) ?? formula.length) - 1;
    else {
      if (letter === ')' || letter === ']') depth--;
      if (isEnd(letter, depth)) return i;
      if (letter === '(' || letter === '[') depth++;
    }
  }
  return formula.length;
}
