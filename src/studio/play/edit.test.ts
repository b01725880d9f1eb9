/** Formulas changed as text stay formulas. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import { parseFormula } from '../../core/formula/syntax.ts';
import { add, callEnd, complete, headOf, onModel, without } from './edit.ts';
import { factsOf } from './facts.ts';
import type { Facts } from './protocol.ts';

const facts: Facts = {
  techniques: techniques.map(factsOf),
  models: ['plusx:tiny', 'openai/gpt-5-mini', 'two words'],
  scorers: ['longer'],
  tasks: [],
};
const find = (name: string) => facts.techniques.find((one) => one.name === name) as Facts['techniques'][number];

/** What is offered where `|` stands. */
function offered(marked: string): readonly string[] {
  return complete(marked.replace('|', ''), marked.indexOf('|'), facts).candidates.map(({ text }) => text);
}

it.each<readonly [string, readonly string[], readonly string[]]>([
  ['|', ['plusx:tiny', '"two words"', 'fusion'], ['reRead']],
  ['plusx:tiny + |', ['reRead', 'selfConsistency'], ['plusx:tiny', 'fusion']],
  ['plusx:tiny + self|', ['selfConsistency', 'selfRefine'], ['reRead']],
  ['plusx:tiny + selfConsistency(|', ['n='], ['reRead']],
  ['plusx:tiny + selfConsistency(n=3, |', ['extract='], ['n=']],
  ['plusx:tiny + bestOfN(score=|', ['longer'], ['n=']],
  ['fusion(|', ['plusx:tiny'], ['reRead']],
  ['fusion(plusx:tiny + |', ['reRead'], ['plusx:tiny']],
  ['fusion(plusx:tiny + reRead, |', ['plusx:tiny'], ['reRead']],
  ['plusx:tiny + reRead + |', ['reRead'], ['n=']],
  ['plusx:tiny + selfConsistency(extract="a, (|', [], ['n=']],
  ['plusx:tiny + selfConsistency(n=3)|', [], ['reRead', 'n=', 'plusx:tiny']],
  ['plusx:tiny + selfConsistency(n=3) |', [], ['reRead', 'n=']],
  ['plusx:tiny + (|', ['plusx:tiny'], []],
])('at %s there is %j and not %j', (marked, there, absent) => {
  const all = offered(marked);
  expect(all).toEqual(expect.arrayContaining([...there]));
  expect(all.filter((text) => absent.includes(text))).toEqual([]);
});

it('replaces the whole name that the cursor is in', () => {
  const { from, to } = complete('plusx:tiny + reRead', 15, facts);
  expect([from, to]).toEqual([13, 19]);
});

it.each([
  ['plusx:tiny', 'plusx:tiny'],
  ['plusx:tiny + reRead', 'plusx:tiny'],
  ['fusion(a + b, c) + reRead', 'fusion(a + b, c)'],
  ['"a + b" + reRead', '"a + b"'],
  ['(a + b) + c', '(a + b)'],
])('the head of %s is %s', (formula, head) => expect(headOf(formula)).toBe(head));

it('puts a technique around what is there, and selects what must be written', () => {
  expect(add('', find('reRead'), 'plusx:tiny').formula).toBe('plusx:tiny + reRead');
  expect(add('a + reRead', find('fusion'), 'b').formula).toBe('fusion(a + reRead, b)');
  const { formula, from, to } = add('a', find('bestOfN'), 'b');
  expect(formula.slice(0, from)).toMatch(/\($|=$|bestOfN$/);
  expect(to).toBe(from);
});

const NAMES = techniques.filter(({ takes }) => takes === 'one').map(({ definition }) => definition.name);
const call = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 9 })).map(([name, n]) => `${name}(n=${n})`),
  fc
    .tuple(fc.constantFrom(...NAMES), fc.string())
    .map(([name, text]) => `${name}(t=${JSON.stringify(text)}, u=[1, 2])`),
);
const head = fc.oneof(
  fc.constantFrom('a', 'openai/b', '"c + d"', 'fusion(a + reRead, b)'),
  fc.string({ minLength: 1 }).map((s) => JSON.stringify(s)),
);
const formulas = fc.tuple(head, fc.array(call, { maxLength: 4 })).map(([first, calls]) => [first, ...calls]);

it('takes out exactly the technique that is meant', () => {
  fc.assert(
    fc.property(formulas, fc.nat(), (parts, which) => {
      const formula = parts.join(' + ');
      const { plus } = parseFormula(formula);
      if (plus.length === 0) return;
      const i = which % plus.length;
      expect(without(formula, plus[i]?.position ?? 0).formula).toBe(parts.filter((_, at) => at !== i + 1).join(' + '));
    }),
    { seed: 1 },
  );
});

it('finds where calls end, and exchanges the head alone', () => {
  fc.assert(
    fc.property(formulas, (parts) => {
      const formula = parts.join(' + ');
      const { plus } = parseFormula(formula);
      expect(plus.map(({ position }) => formula.slice(position, callEnd(formula, position)))).toEqual(parts.slice(1));
      expect(headOf(formula)).toBe(parts[0]);
      expect(onModel(formula, 'x y').formula).toBe(['"x y"', ...parts.slice(1)].join(' + '));
    }),
    { seed: 1 },
  );
});

it('has an offer or none at every place of whatever is written, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        formulas.map((parts) => parts.join(' + ')),
      ),
      fc.nat(),
      (text, at) => {
        const cursor = at % (text.length + 1);
        const { from, to } = complete(text, cursor, facts);
        expect(from).toBeLessThanOrEqual(cursor);
        expect(to).toBeGreaterThanOrEqual(cursor);
        expect(() => [headOf(text), without(text, cursor), onModel(text, 'm')]).not.toThrow();
      },
    ),
    { seed: 1 },
  );
});
