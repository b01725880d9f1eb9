/** The mutation run itself, `npm run soak`: the faults are those that its rules name, and the draw is spread over the files. */
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutantsOf, spread, withFault, type Mutant } from '../../scripts/soak/mutants.ts';
import { NAMED } from '../../scripts/soak/named.ts';
import { seenBy } from '../../scripts/soak/seen-by.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What the rules make of a text, by every seed that could choose. */
function faults(source: string): readonly string[] {
  const seeds = Array.from({ length: 40 }, (_, i) => `${i}`);
  const found = seeds.flatMap((seed) =>
    mutantsOf('x.ts', source, seed).map((one) => `${one.rule}: ${withFault(source, one)}`),
  );
  return [...new Set(found)].toSorted();
}

describe('the rules', () => {
  it.each([
    ['f(a < b)', ['comparison: f(a <= b)', 'comparison: f(a >= b)', 'statement: ;']],
    ['x = a === b;', ['comparison: x = a !== b;', 'statement: ;']],
    ['x = a - b;', ['arithmetic: x = a + b;', 'statement: ;']],
    ["x = a + 'text';", ['statement: ;']],
    ['x += y;', ['arithmetic: x -= y;', 'statement: ;']],
    ['x = a ?? b;', ['default: x = (a);', 'default: x = (b);', 'statement: ;']],
    ['x = a && b;', ['logic: x = a || b;', 'statement: ;']],
    ['x = !a;', ['negation: x = (a);', 'statement: ;']],
    ['if (a) f();', ['condition: if (!(a)) f();', 'statement: if (a) ;']],
    ['x = a ? b : c;', ['branches: x = (a) ? (c) : (b);', 'statement: ;']],
    ['await f();', ['await: (f());', 'statement: ;']],
    ['x = 3;', ['constant: x = 2;', 'constant: x = 4;', 'statement: ;']],
    ['x = 0;', ['constant: x = (-1);', 'constant: x = 1;', 'statement: ;']],
    ['x = true;', ['constant: x = false;', 'statement: ;']],
    ['x = Math.min(a, b);', ['method: x = Math.max(a, b);', 'statement: ;']],
    ["x = m.get('key');", ['key: x = m.get("key~");', 'statement: ;']],
    ["x = a === 'b';", ["comparison: x = a !== 'b';", 'key: x = a === "b~";', 'statement: ;']],
    [
      'for (let i = 0; i < n; i++) break;',
      [
        'comparison: for (let i = 0; i <= n; i++) break;',
        'comparison: for (let i = 0; i >= n; i++) break;',
        'constant: for (let i = (-1); i < n; i++) break;',
        'constant: for (let i = 1; i < n; i++) break;',
        'statement: for (let i = 0; i < n; i++) ;',
      ],
    ],
  ])('make of %s what they say', (source, wanted) => {
    expect(faults(source)).toEqual(wanted.toSorted());
  });

  it('leave types, imports, names of options and the words of errors as they are', () => {
    expect(
      faults("import { a } from './3.ts'; type T = 1 | 2; interface I { readonly n: 3 } const x: 4 = a as 5;"),
    ).toEqual([]);
    expect(faults("throw new RangeError(`at least ${n - 1}, ${a ? 'b' : 'c'}`);")).toEqual(['statement: ;']);
  });

  it('make programs of every file that are read as such, and other ones than it was', () => {
    for (const file of [
      'core/accounts/budget.ts',
      'core/context/gather.ts',
      'store/memory.ts',
      'evaluate/statistics.ts',
    ]) {
      const source = readFileSync(join(ROOT, 'src', file), 'utf8');
      const all = mutantsOf(file, source, '1');
      expect(all.length).toBeGreaterThan(30);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      for (const one of all) {
        expect(source.slice(one.start, one.end)).toBe(one.from);
        expect(withFault(source, one)).not.toBe(source);
        expect(() => stripTypeScriptTypes(withFault(source, one))).not.toThrow();
      }
    }
  });

  it('name a fault by what stands there, wherever the line is', () => {
    const source = readFileSync(join(ROOT, 'src/core/context/gather.ts'), 'utf8');
    const ids = (text: string): readonly string[] => mutantsOf('gather.ts', text, '1').map(({ id }) => id);
    expect(ids(`const more = [];\n\n${source}`)).toEqual(ids(source));
  });
});

it('every beginning of the draw is spread over the files as all faults are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
      fc.string(),
      (sizes, seed) => {
        const all = sizes.flatMap((size, file) =>
          Array.from({ length: size }, (_, i): Mutant => ({
            id: `${file}/${i}`,
            file: `${file}`,
            rule: 'constant',
            line: 1,
            start: 0,
            end: 1,
            from: '1',
            to: '2',
          })),
        );
        const drawn = spread(all, seed);
        expect(new Set(drawn)).toEqual(new Set(all));
        for (const part of [0.1, 0.5, 0.9]) {
          const first = drawn.slice(0, Math.round(part * all.length));
          for (const [file, size] of sizes.entries()) {
            const count = first.filter((one) => one.file === `${file}`).length;
            // Where the part ends depends on the offsets of all files.
            expect(Math.abs(count - part * size)).toBeLessThanOrEqual(1 + size * (sizes.length / all.length));
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

it('the tests of a file come before those that reach it through others, and each that reaches it comes', () => {
  const [first = [], near = [], rest = []] = seenBy(ROOT)('src/core/context/gather.ts');
  expect(first).toContain('src/core/context/gather.test.ts');
  expect(near).toContain('src/search/best-of-n/best-of-n.test.ts');
  const quick = readdirSync(join(ROOT, 'src/search'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.slow.test.ts'))
    .map((file) => `src/search/${file}`);
  const all = [...first, ...near, ...rest];
  expect(quick.filter((file) => !all.includes(file))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
});

it('every fault with a name finds the text that it changes once', () => {
  const lost = NAMED.flatMap(({ bug, file, from, to }) => {
    const source = readFileSync(join(ROOT, 'src', file), 'utf8');
    return source.split(from).length === 2 && from !== to ? [] : [`${bug}: ${file}`];
  });
  expect(lost).toEqual([]);
});
