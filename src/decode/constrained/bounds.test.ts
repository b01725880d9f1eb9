/** What a schema or an expression may ask for, and what it costs to keep to it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAMMAR_DEPTH, GRAMMAR_LENGTH, GRAMMAR_REPEATS } from '../../core/bounds.ts';
import { startOf, type Place } from './grammar.ts';
import { integers } from './integers.ts';
import { measure, oneOf, type Expression } from './expression.ts';
import { parseSchema } from './json-schema.ts';
import { parseRegex } from './regex.ts';

function accepts(set: Place | undefined, text: string): boolean {
  let at = set;
  for (const letter of text) at = at?.step(letter.codePointAt(0) as number);
  return at?.whole ?? false;
}

/** How many different expressions it is made of: what its cost grows with. */
function sizeOf(root: Expression): number {
  const seen = new Set<Expression>();
  const visit = (one: Expression): void => {
    if (seen.has(one)) return;
    seen.add(one);
    if (one.kind === 'sequence') one.parts.forEach(visit);
    if (one.kind === 'choice') one.options.forEach(visit);
    if (one.kind === 'repeat') visit(one.of);
  };
  visit(root);
  return seen.size;
}

const DIGITS = [4, 8, 16, 32, 64, 128, 300];

describe('whole numbers between bounds', () => {
  it('are exactly those', () => {
    const safe = fc.oneof(fc.integer({ min: -1200, max: 1200 }), fc.maxSafeInteger());
    fc.assert(
      fc.property(safe, safe, fc.array(safe, { maxLength: 8 }), (a, b, others) => {
        const [minimum, maximum] = [Math.min(a, b), Math.max(a, b)];
        const set = startOf(integers({ minimum, maximum }, '#'));
        for (const one of [minimum, maximum, minimum - 1, maximum + 1, ...others].filter(Number.isSafeInteger))
          expect([one, accepts(set, String(one))]).toEqual([one, one >= minimum && one <= maximum]);
        expect(accepts(set, '00') || accepts(set, '-0') || accepts(set, '')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('cost no more than the square of their digits', () => {
    const sizes = DIGITS.map((digits) =>
      sizeOf(integers({ minimum: -(10 ** digits) + 1, maximum: 10 ** digits }, '#')),
    );
    DIGITS.forEach((digits, i) => expect(sizes[i]).toBeLessThan(40 * digits * 20));
    expect(measure(integers({ minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE }, '#')).least).toBeTypeOf(
      'function',
    );
  });
});

it('texts of a list are a tree: exactly they are in it, and what they share stands once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 12 }),
      fc.string({ maxLength: 6 }),
      (texts, other) => {
        const set = startOf(oneOf(texts));
        for (const text of texts) expect(accepts(set, text)).toBe(true);
        expect(accepts(set, other)).toBe(texts.includes(other));
      },
    ),
    { numRuns: 300 },
  );
  const values = Array.from({ length: 20_000 }, (_, i) => `value ${i}`);
  expect(sizeOf(oneOf(values))).toBeLessThan(4 * values.length);
});

const deep = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>((items) => ({ type: 'array', items }), { type: 'integer' });

it.each([
  ['a schema that is too deep', () => parseSchema(deep(3000)), /nested more than/],
  ['letters without end', () => startOf(parseSchema({ type: 'string', minLength: 1e9 })), /minLength is more than/],
  ['items without end', () => startOf(parseSchema({ type: 'array', minItems: 1e9 })), /minItems is more than/],
  ['a count without end', () => parseRegex('a{1000000000}'), /count of more than/],
  ['groups within groups', () => parseRegex(`${'('.repeat(30_000)}a${')'.repeat(30_000)}`), /groups more than/],
  ['an expression without end', () => parseRegex('a'.repeat(GRAMMAR_LENGTH + 1)), /more than \d+ letters/],
  ['a name without an end', () => parseRegex(`(?<${'a'.repeat(1000)}`), /without its name/],
])('%s is refused', (_, make, error) => {
  expect(make).toThrow(error);
});

it.each([
  ['a schema as deep as may be', () => parseSchema(deep(GRAMMAR_DEPTH - 4))],
  ['as many letters as may be', () => startOf(parseSchema({ type: 'string', minLength: GRAMMAR_REPEATS }))],
  ['a class of many letters', () => parseRegex(`[${'abc'.repeat(30_000)}]`)],
])('%s is not', (_, make) => {
  expect(make).not.toThrow();
});

describe('as long as a schema or an expression may be', () => {
  it('a run of parts that may all be left out is no deeper than one', () => {
    const set = startOf(parseRegex('(?:a|b)?'.repeat(20_000)));
    expect([accepts(set, ''), accepts(set, 'ab'), accepts(set, 'ac')]).toEqual([true, true, false]);
  });

  it('an object may have as many properties as fit', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `p${i}`);
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'null' }]));
    const set = startOf(parseSchema({ type: 'object', properties, required: ['p7'] }));
    expect([accepts(set, '{"p7":null}'), accepts(set, '{"p8":null}')]).toEqual([true, false]);
  });

  it('a list of choices may have as many as fit', () => {
    const choices = Array.from({ length: 150_000 }, (_, i) => String.fromCodePoint(0x1_0000 + i));
    expect(accepts(startOf(oneOf(choices)), choices.at(-1) as string)).toBe(true);
  });
});
