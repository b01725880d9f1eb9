/**
 * Regular expressions in JavaScript's notation, as sets of whole texts: literals, classes, groups, alternatives and
 * counts. What cannot be read from left to right without looking back or ahead is refused by name.
 */
import { complement } from './characters.ts';
import { anyOf, character, inTurn, repeat, type Expression } from './expression.ts';
import { ANY, LINE_ENDS, one, readerOf } from './regex-reader.ts';

/** The texts that match as a whole; `^` at the beginning and `$` at the end say so too. */
export function parseRegex(source: string): Expression {
  return parse(source, false);
}

/** The texts in which something matches, as `RegExp.prototype.test` has it. */
export function parsePattern(source: string): Expression {
  return parse(source, true);
}

function parse(source: string, within: boolean): Expression {
  const reader = readerOf(source);
  const { letter, skip, rest, peek, eat, escape, bracket } = reader;
  const refuse: (what: string) => never = reader.refuse;
  const broken: (what: string) => never = reader.broken;

  const group = (): Expression => {
    for (const look of ['?=', '?!', '?<=', '?<!'])
      if (peek(look)) refuse(`looking ${look.includes('<') ? 'behind' : 'ahead'} with (${look}`);
    if (eat('?<')) {
      const end = rest().indexOf('>');
      if (end === -1) broken('a group without its name');
      skip(Array.from(rest().slice(0, end + 1)).length);
    } else if (peek('?') && !eat('?:')) refuse(`the group (${letter(0)}${letter(1) ?? ''}`);
    const inside = alternatives(false);
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
    const braces = /^\{(\d+)(,?)(\d*)\}/.exec(rest());
    const bounds = eat('*') ? [0, Infinity] : eat('+') ? [1, Infinity] : eat('?') ? [0, 1] : undefined;
    if (!bounds && !braces) return of;
    const [, low = '', comma, high] = braces ?? [];
    const [min, max] = bounds ?? [Number(low), high ? Number(high) : comma ? Infinity : Number(low)];
    if (!bounds && braces) skip(braces[0].length);
    if ((min as number) > (max as number)) broken('a count whose most is below its least');
    eat('?'); // a lazy count matches the same texts
    if (['*', '+', '?'].some(peek)) broken('a count of a count');
    return repeat(of, min as number, max as number);
  };

  /** One alternative; the anchors of the whole stand at its ends. */
  const sequence = (outer: boolean): Expression => {
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
    return inTurn(
      ...(outer && within && !starts ? [anything] : []),
      ...parts,
      ...(outer && within && !ends ? [anything] : []),
    );
  };
  const alternatives = (outer: boolean): Expression => {
    const options = [sequence(outer)];
    while (eat('|')) options.push(sequence(outer));
    return anyOf(...options);
  };
  const whole = alternatives(true);
  if (letter() !== undefined) broken('a group that was not opened');
  return whole;
}
