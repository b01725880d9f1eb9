/** What is wrong or odd with what `compile`, `compare`, `curve` and `diagnose` are given: one line with the way out, before anything is asked. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/index.ts';
import { folder, lines, type Folder } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

const sum = (i: number, id = String(i)) => ({ id, input: `What is ${i} + 1?`, expected: String(i + 1) });
const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const LABELS = ['dog', 'cat', 'cow'];

const FILES: { readonly [name: string]: string } = {
  'empty.jsonl': '',
  'three.jsonl': lines(...many(3, (i) => sum(i))),
  'twice.jsonl': lines(...many(30, (i) => sum(i, 'a'))),
  'leak.jsonl': lines(
    ...many(40, (i) => ({ id: i, input: `Which animal is ${i}? (${LABELS[i % 3]})`, expected: LABELS[i % 3] })),
  ),
  'good.jsonl': lines(...many(40, (i) => sum(i))),
  'mine.ts': `
    export const odd = (sample, { id }) => {
      if (Number(id) % 10 === 0) throw new Error('there is no key for it');
      return Number(id) % 5 === 0 ? NaN : Number(id) % 2;
    };
    export const never = () => { throw new Error('there is no key at all'); };
  `,
};

/** Each verb with what it needs besides a task. */
const VERBS: { readonly [verb: string]: readonly string[] } = {
  compile: ['--space', 'selfConsistency(n=[3, 5])', '--budget', 'calls=900'],
  compare: ['-p', 'selfConsistency(n=3)'],
  curve: ['-p', 'selfConsistency', '--over', 'n=1,3'],
  diagnose: [],
};
const LACKING: typeof VERBS = {
  compile: ['--space', 'maybe(minP(p=0.1))', '--budget', 'calls=900'],
  compare: ['-p', 'minP(p=0.1)'],
  curve: ['-p', 'minP(p=0.1) + selfConsistency', '--over', 'n=1,3'],
  diagnose: ['-p', 'minP(p=0.1)'],
};
const names = Object.keys(VERBS);

let here: Folder;
let server: OpenAIServer;
beforeAll(async () => {
  here = await folder();
  server = await openaiServer();
  for (const [name, text] of Object.entries(FILES)) await here.write(name, text);
});
afterAll(async () => {
  await server.close();
  await here[Symbol.asyncDispose]();
});

const at = (file: string): string => join(here.path, file);
let stores = 0;

/** A verb on a file, with a model of the server that counts what it is asked. */
async function run(verb: string, file: string, args: readonly string[]) {
  const metric = args.includes('--metric') ? [] : ['--metric', 'exact'];
  const store = ['--store', at(`s${stores++}.db`)];
  const { code, out, err } = await inTerminal([verb, at(file), ...metric, ...args, ...store, '--yes'], {
    env: { PLUSX_BASE_URL: server.url, PLUSX_MODEL: 'm' },
  });
  const said = `${out}\n${err}`.replaceAll(/\s+/g, ' ');
  return { code, out, err: err.trim(), said };
}

const budgeted = (verb: string, calls: number): readonly string[] => [
  ...(VERBS[verb] ?? []).filter((arg) => !/^(?:--budget|calls=\d+)$/.test(arg)),
  '--budget',
  `calls=${calls}`,
];

describe.each(names)('%s', (verb) => {
  const plain = VERBS[verb] ?? [];

  it.each<readonly [string, string, readonly string[], RegExp]>([
    ['an empty task', 'empty.jsonl', plain, /empty\.jsonl: is empty\. A line is \{"input"/],
    ['duplicate ids', 'twice.jsonl', plain, /twice\.jsonl:2: the id "a" stands on line 1 already/],
    ['a model without what a formula needs', 'good.jsonl', LACKING[verb] ?? [], /minP needs a model with `next`.*Use/],
    ...(verb === 'compile'
      ? ([
          ['3 examples', 'three.jsonl', plain, /has 3 items.*Add examples/],
          [
            'a budget of one call',
            'good.jsonl',
            budgeted(verb, 1),
            /compares nothing.*need calls=\d+.*Raise the budget/,
          ],
        ] as const)
      : []),
    ...(verb === 'diagnose'
      ? ([['a budget of one call', 'good.jsonl', budgeted(verb, 1), /must afford 8 items.*Raise the budget/]] as const)
      : []),
  ])('%s: an error of one line, and nothing is asked', async (_, file, args, says) => {
    const { code, out, err } = await run(verb, file, args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
    expect(err.split('\n')).toHaveLength(1);
    expect(server.requests).toHaveLength(0);
  });

  it.each<readonly [string, string, readonly string[], RegExp]>([
    [
      'a label in the input',
      'leak.jsonl',
      plain,
      /stands in the question of 40 of 40 items: check that the input does/,
    ],
    ...(verb === 'compile'
      ? ([
          [
            'a space of a thousand million points',
            'good.jsonl',
            ['--space', many(30, () => 'maybe(reRead)').join(' + '), '--budget', 'calls=900'],
            /The space has 1073741824 compositions: \d+ of them are drawn by the seed\. Raise `arms`, or mark fewer/,
          ],
          [
            'an arm that the model cannot be',
            'good.jsonl',
            ['--space', 'anyOf(minP(p=0.1), reRead)', '--budget', 'calls=900'],
            /left out 1, such as minP\(p=0\.1\): minP needs a model with `next`/,
          ],
        ] as const)
      : ([['3 examples', 'three.jsonl', plain, /3 items tell little: .* within 50 points\. Add items/]] as const)),
    ...(verb === 'compare' || verb === 'curve'
      ? ([
          [
            'a budget of one call',
            'good.jsonl',
            budgeted(verb, 1),
            /--budget calls=1 may not do for one item, which takes up to \d calls.*Raise it/,
          ],
        ] as const)
      : []),
  ])('%s: a warning before anything is asked', async (_, file, args, says) => {
    const { code, said } = await run(verb, file, [...args, '--dry-run']);
    expect(code).toBe(0);
    expect(said).toMatch(says);
    expect(server.requests).toHaveLength(0);
  });

  it('a metric that throws or returns NaN on some items ends nothing', async () => {
    const own = ['--import', at('mine.ts'), '--metric', 'odd', '-m', 'enumerable', '--limit', '20', '--json'];
    const { code, out, said } = await run(verb, 'good.jsonl', [...plain, ...own]);
    expect([0, 100]).toContain(code);
    expect(JSON.parse(out)).toBeTypeOf('object');
    const why = '(?:it returned NaN. A grade is a number|there is no key for it)';
    const tells = verb === 'compile' || verb === 'diagnose';
    expect(said).toMatch(tells ? new RegExp(`4 items failed.*The metric odd .*${why}`) : /"failed": 4/);
  });

  it('a metric that fails on every item is an error of one line that names it', async () => {
    const own = ['--import', at('mine.ts'), '--metric', 'never', '-m', 'enumerable', '--limit', '20', '-q'];
    const { code, out, err } = await run(verb, 'good.jsonl', [...plain, ...own]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^plusx: The metric never gave no grade of item ".+": there is no key at all\.$/);
  });
});
