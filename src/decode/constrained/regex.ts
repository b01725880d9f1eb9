/**
 * Regular expressions in JavaScript's notation, as sets of whole texts: literals, classes, groups, alternatives and
 * counts. What cannot be read from left to right without looking back or ahead is refused by name.
 */
import { GRAMMAR_DEPTH, GRAMMAR_LENGTH, GRAMMAR_REPEATS } from '../../core/bounds.ts';
import { codeOf, complement, union, type Characters } from './characters.ts';
import { character, choice, repeat, sequence, type Expression } from './expression.ts';
import { Unsupported } from './unsupported.ts';

/** The texts that match as a whole; `^` at the beginning and `$` at the end say so too. */
export function parseRegex(source: string): Expression {
  return parse(source, false);
}

/** The texts in which something matches, as `RegExp.prototype.test` has it. */
export function parsePattern(source: string): Expression {
  return parse(source, true);
}

/** Letters that a count in braces has at most. */
const MOST_BRACES = 34;

function parse(source: string, within: boolean): Expression {
  if (source.length > GRAMMAR_LENGTH)
    throw new Unsupported(`the regular expression has more than ${GRAMMAR_LENGTH} letters`);
  const reader = readerOf(source);
  const { letter, skip, ahead, peek, eat, escape, bracket } = reader;
  let depth = 0;
  const refuse: (what: string) => never = reader.refuse;
  const broken: (what: string) => never = reader.broken;

  const group = (): Expression => {
    for (const look of ['?=', '?!', '?<=', '?<!'])
      if (peek(look)) refuse(`looking ${look.includes('<') ? 'behind' : 'ahead'} with (${look}`);
    if (eat('?<')) {
      while (letter() !== '>') {
        if (letter() === undefined) broken('a group without its name');
        skip(1);
      }
      skip(1);
    } else if (peek('?') && !eat('?:')) refuse(`the group (${letter(0)}${letter(1) ?? ''}`);
    if (++depth > GRAMMAR_DEPTH) broken(`groups more than ${GRAMMAR_DEPTH} deep`);
    const inside = alternatives(false);
    depth--;
    if (!eat(')')) broken('a group without its end');
    return inside;
  };

  const atom = (): Expression => {
    if (eat('(')) return group();
    if (eat('[')) return character(bracket());
    if (eat('.')) return character(complement(LINE_ENDS));
    if (eat('\\')) return character(escape(false));
    const next = letter() ?? '';
    if (next === '^' || next === '$') refuse(`${next} elsewhere than at the ${next === '^' ? 'beginning' : 'end'}`);
    if ('*+?{'.includes(next)) broken(`${next} with nothing to repeat`);
    if (next === ')') broken('a group that was not opened');
    skip(1);
    return character(one(next));
  };

  const counted = (of: Expression): Expression => {
    const braces = letter() === '{' ? /^\{(\d+)(,?)(\d*)\}/.exec(ahead(MOST_BRACES)) : null;
    const bounds = eat('*') ? [0, Infinity] : eat('+') ? [1, Infinity] : eat('?') ? [0, 1] : undefined;
    if (!bounds && !braces) return of;
    const [, low = '', comma, high] = braces ?? [];
    const [min, max] = bounds ?? [Number(low), high ? Number(high) : comma ? Infinity : Number(low)];
    if (!bounds && braces) skip(braces[0].length);
    if ((min as number) > GRAMMAR_REPEATS) refuse(`a count of more than ${GRAMMAR_REPEATS}`);
    if ((min as number) > (max as number)) broken('a count whose most is below its least');
    eat('?'); // a lazy count matches the same texts
    if (['*', '+', '?'].some(peek)) broken('a count of a count');
    return repeat(of, min as number, max as number);
  };

  /** One alternative; the anchors of the whole stand at its ends. */
  const run = (outer: boolean): Expression => {
    const starts = outer && eat('^');
    const parts: Expression[] = [];
    let ends = false;
    const stops = outer ? ['|'] : ['|', ')'];
    while (letter() !== undefined && !stops.some(peek)) {
      if (outer && peek('$') && (letter(1) ?? '|') === '|') {
        ends = eat('$');
        break;
      }
      parts.push(counted(atom()));
    }
    const anything = repeat(character(ANY), 0, Infinity);
    return sequence([
      ...(outer && within && !starts ? [anything] : []),
      ...parts,
      ...(outer && within && !ends ? [anything] : []),
    ]);
  };
  const alternatives = (outer: boolean): Expression => {
    const options = [run(outer)];
    while (eat('|')) options.push(run(outer));
    return choice(options);
  };
  const whole = alternatives(true);
  if (letter() !== undefined) broken('a group that was not opened');
  return whole;
}

/** Reads on from where it stands. */
interface Reader {
  /** The letter there; `undefined` at the end, or `ahead` letters further on. */
  letter(ahead?: number): string | undefined;
  skip(count: number): void;
  /** What is left, but no more than so many letters of it. */
  ahead(count: number): string;
  peek(text: string): boolean;
  eat(text: string): boolean;
  /** After a backslash. */
  escape(inClass: boolean): Characters;
  /** After an opening bracket. */
  bracket(): Characters;
  readonly refuse: (what: string) => never;
  readonly broken: (what: string) => never;
}

function readerOf(source: string): Reader {
  const letters = Array.from(source);
  let at = 0;
  const refuse = (what: string): never => {
    throw new Unsupported(`${what} is not supported in the regular expression ${JSON.stringify(short(source))}`);
  };
  const broken = (what: string): never => {
    throw new Unsupported(`${what} at character ${at + 1} of the regular expression ${JSON.stringify(short(source))}`);
  };
  const peek = (text: string): boolean => letters.slice(at, at + text.length).join('') === text;
  const eat = (text: string): boolean => {
    if (!peek(text)) return false;
    at += text.length;
    return true;
  };

  const hex = (digits: number): number => {
    const text = letters.slice(at, at + digits).join('');
    if (!new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(text)) broken('an escape without its digits');
    at += digits;
    return Number.parseInt(text, 16);
  };
  /** After a backslash. */
  const escape = (inClass: boolean): Characters => {
    const letter = letters[at++] ?? broken('a backslash with nothing behind it');
    const single = (code: number): Characters => [[code, code]];
    if (CLASSES[letter]) return CLASSES[letter];
    if (letter === '0' && /^\d$/.test(letters[at] ?? '')) refuse('an octal escape');
    if (CONTROLS[letter] !== undefined) return single(CONTROLS[letter]);
    if (letter === 'b' && inClass) return single(8);
    if (letter === 'x') return single(hex(2));
    if (letter === 'u' && eat('{')) {
      const end = letters.indexOf('}', at);
      const code = Number.parseInt(letters.slice(at, end).join(''), 16);
      if (end === -1 || !(code <= 0x10ffff)) broken('an escape without its digits');
      at = end + 1;
      return single(code);
    }
    if (letter === 'u') return single(hex(4));
    if (letter === 'b' || letter === 'B') refuse(`the word boundary \\${letter}`);
    if (letter === 'p' || letter === 'P') refuse(`the Unicode property \\${letter}`);
    if (letter === 'k' || /\d/.test(letter)) refuse(`the backreference \\${letter}`);
    if (/[A-Za-z]/.test(letter)) refuse(`the escape \\${letter}`);
    return single(codeOf(letter));
  };

  /** After an opening bracket. */
  const bracket = (): Characters => {
    const negative = eat('^');
    const all: Characters[] = [];
    const item = (): Characters => {
      if (eat('\\')) return escape(true);
      const letter = letters[at++] ?? broken('a class without its end');
      return one(letter);
    };
    while (!eat(']')) {
      const from = item();
      if (peek('-') && letters[at + 1] !== ']' && at + 1 < letters.length) {
        at++;
        const to = item();
        const [first, last] = [from[0]?.[0] ?? 0, to[0]?.[1] ?? 0];
        if (from.length !== 1 || to.length !== 1 || from[0]?.[1] !== first || to[0]?.[0] !== last || first > last)
          broken('a range of a class that is none');
        all.push([[first, last]]);
      } else all.push(from);
    }
    const found = union(...all);
    return negative ? complement(found) : found;
  };
  return {
    letter: (ahead = 0) => letters[at + ahead],
    skip: (count) => void (at += count),
    ahead: (count) => letters.slice(at, at + count).join(''),
    peek,
    eat,
    escape,
    bracket,
    refuse,
    broken,
  };
}

const one = (from: string, to = from): Characters => [[codeOf(from), codeOf(to)]];
const DIGIT = one('0', '9');
const WORD = union(DIGIT, one('A', 'Z'), one('a', 'z'), one('_'));
const SPACE = union(
  [[9, 13]],
  ...[0x20, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff].map((code): Characters => [[code, code]]),
  [[0x2000, 0x200a]],
);
const LINE_ENDS = union(one('\n'), one('\r'), [[0x2028, 0x2029]]);
const CLASSES: { readonly [letter: string]: Characters } = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
};
const CONTROLS: { readonly [letter: string]: number } = { n: 10, t: 9, r: 13, f: 12, v: 11, 0: 0 };
const ANY = complement([]);

/** As an error shows it. */
function short(source: string): string {
  return source.length > 200 ? `${source.slice(0, 200)}...` : source;
}
