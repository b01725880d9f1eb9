/** How JSON is written: what its strings, numbers and lists look like. */
import { complement, union, without, type Characters } from './characters.ts';
import {
  anyOf,
  character,
  inTurn,
  literal,
  perhaps,
  repeat,
  rule,
  type Expression,
  choice,
  sequence,
} from './expression.ts';
import { integers, MOST_DIGITS } from './integers.ts';

/** Items with commas between them. */
export function listed(item: Expression, min: number, max: number): Expression {
  if (max < 1 || max < min) return max < min ? anyOf() : inTurn();
  const some = inTurn(item, repeat(inTurn(COMMA, item), Math.max(0, min - 1), max - 1));
  return min === 0 ? perhaps(some) : some;
}

/** The texts of an expression that stand in JSON as they are, without an escape. */
export function bare(of: Expression): Expression {
  switch (of.kind) {
    case 'character':
      return character(without(of.of, ESCAPED));
    case 'sequence':
      return sequence(of.parts.map(bare));
    case 'choice':
      return choice(of.options.map(bare));
    case 'repeat':
      return repeat(bare(of.of), of.min, of.max);
    case 'rule':
      return rule(() => bare(of.make()));
    default:
      return of satisfies never;
  }
}

const code = (from: string, to = from): Characters => [[from.charCodeAt(0), to.charCodeAt(0)]];
/** What a JSON string holds as an escape only; halves of surrogate pairs are no characters at all. */
const ESCAPED = union([[0, 0x1f]], code('"'), code('\\'), [[0xd800, 0xdfff]]);
const HEX = character(union(code('0', '9'), code('a', 'f'), code('A', 'F')));
export const LETTER = anyOf(
  character(complement(ESCAPED)),
  inTurn(literal('\\'), character(union(...Array.from('"\\/bfnrt', (letter) => code(letter))))),
  // One character each: no half of a pair.
  inTurn(
    literal('\\u'),
    anyOf(
      inTurn(character(union(code('0', '9'), code('a', 'c'), code('A', 'C'), code('e', 'f'), code('E', 'F'))), HEX),
      inTurn(character(union(code('d'), code('D'))), character(code('0', '7'))),
    ),
    HEX,
    HEX,
  ),
);
export const quoted = (inside: Expression): Expression => inTurn(literal('"'), inside, literal('"'));
export const STRING = quoted(repeat(LETTER, 0, Infinity));
export const COLON = inTurn(literal(':'), perhaps(literal(' ')));
export const COMMA = inTurn(literal(','), perhaps(literal(' ')));
const digits = (most: number): Expression => repeat(character(code('0', '9')), 1, most);
export const NUMBER = inTurn(
  integers({}, '#'),
  perhaps(inTurn(literal('.'), digits(MOST_DIGITS))),
  perhaps(inTurn(character(union(code('e'), code('E'))), perhaps(character(union(code('+'), code('-')))), digits(2))),
);
