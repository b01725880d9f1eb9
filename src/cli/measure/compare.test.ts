import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../evaluate/index.ts';
import { folder, lines } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { json } from '../test-support/plusx.ts';

const compared = (ended: { readonly out: string }): Comparison => JSON.parse(ended.out) as Comparison;
const VOTES = ['-m', 'enumerable', '-p', 'selfConsistency(n=3)', '-p', 'selfConsistency(n=9)'];

describe('plusx compare', () => {
  it('compares each formula with the first: table, differences, items that flip', async () => {
    const args = ['compare', 'arithmetic', ...VOTES, '-p', '', '--limit', '30'];
    const [shown, document] = [await inTerminal([...args, '--quiet']), await inTerminal([...args, '--json'])];
    expect(shown).toMatchObject({ code: 0, err: '' });
    const { models, pairs, usage, spending, asked } = compared(document);
    expect(models.map(({ formula }) => formula)).toEqual([
      'enumerable + selfConsistency(n=3)',
      'enumerable + selfConsistency(n=9)',
      'enumerable',
    ]);
    expect(pairs.map(({ a, b }) => [a, b])).toEqual([
      [models[0]?.formula, models[1]?.formula],
      [models[0]?.formula, models[2]?.formula],
    ]);
    expect([asked, usage.calls, spending.calls]).toEqual([30, 30 * 13, 30 * 9]);
    expect(document.out).not.toContain('"results"');
    const [pair] = pairs as [Comparison['pairs'][number]];
    expect(pair.gained.length - pair.lost.length).toBeCloseTo(30 * pair.difference, 9);
    expect(shown.out).toContain(`B better on ${pair.gained.length}: ${pair.gained.slice(0, 3).join(', ')}`);
    expect(shown.out).toMatch(/B – A {2}[+-]?\d+\.\d% {2}\(95%: .*McNemar's exact test, 30 items/s);
    expect(Math.max(...shown.out.split('\n').map((line) => line.length))).toBeLessThan(80);
  });

  it('draws by the seed that it is told', async () => {
    const at = async (...seed: string[]) =>
      compared(await inTerminal(['compare', 'arithmetic', ...VOTES, '--limit', '12', '--json', ...seed]));
    const [none, five] = [await at(), await at('--seed', '5')];
    expect([none.seed, five.seed]).toEqual([0, 5]);
    expect(five.models.map(({ accuracy }) => accuracy)).not.toEqual(none.models.map(({ accuracy }) => accuracy));
    const alone = await inTerminal([
      'eval',
      'arithmetic',
      ...VOTES.slice(0, 4),
      '--limit',
      '12',
      '--json',
      '--seed',
      '5',
    ]);
    expect(JSON.parse(alone.out)).toMatchObject({ accuracy: five.models[0]?.accuracy });
  });

  it('one X is compared with the model alone, and several models with each other', async () => {
    const [one, two] = [
      await inTerminal([
        'compare',
        'arithmetic',
        '-m',
        'enumerable',
        '-p',
        'selfConsistency(n=3)',
        '--limit',
        '6',
        '--json',
      ]),
      await inTerminal([
        'compare',
        'tiny:steps',
        '-m',
        'plusx:tiny',
        '-m',
        'plusx:tiny + selfConsistency(n=2)',
        '--limit',
        '6',
        '--json',
      ]),
    ];
    expect(compared(one).models.map(({ formula }) => formula)).toEqual([
      'enumerable',
      'enumerable + selfConsistency(n=3)',
    ]);
    expect(compared(two).models.map(({ formula }) => formula)).toEqual([
      'plusx:tiny',
      'plusx:tiny + selfConsistency(n=2)',
    ]);
  });

  it('says how many items an early decision saved', async () => {
    await using here = await folder();
    const mine = await here.write(
      'mine.ts',
      'export const named = ({ answer }: { answer?: unknown }) => Number(answer !== undefined);\n',
    );
    const questions = Array.from({ length: 90 }, (_, i) => ({ input: `What is ${i} + 2?`, expected: i + 2 }));
    const task = await here.write('sums.jsonl', lines(...questions));
    const args = ['compare', task, ...VOTES.slice(0, 4), '--import', mine, '--metric', 'named', '--until', 'decided'];
    const ended = await inTerminal([...args, '--quiet']);
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/Decided after 16 of 90 items: 74 were not asked\./); // it is looked at after every 8
    expect(ended.out).toContain('B is better');
    expect(ended.out).toContain('betting test');
  });

  it('keeps a run, goes on with it, and writes a line for each item and formula', async () => {
    await using here = await folder();
    const task = await here.write(
      'sums.jsonl',
      lines({ input: 'What is 17 * 24?', expected: 408 }, { input: 'What is 2 + 3?', expected: 5 }),
    );
    const args = [
      'compare',
      task,
      ...VOTES,
      '--metric',
      'numeric',
      '--run',
      'votes',
      '--store',
      join(here.path, 'store.db'),
      '--json',
      '--records',
      join(here.path, 'r.jsonl'),
      '--out',
      join(here.path, 'o.json'),
    ];
    const first = await inTerminal(args);
    const again = await inTerminal(args);
    const [one, two] = [compared(first), compared(again)];
    expect(two.pairs).toEqual(one.pairs);
    expect([one.spending.replays, two.spending.replays]).toEqual([0, 18]);
    const written = (await readFile(join(here.path, 'r.jsonl'), 'utf8')).trim().split('\n');
    const records = written.map((line) => JSON.parse(line) as { id: string; formula: string; ms: number });
    expect(records.map(({ id, formula }) => `${id} ${formula}`).toSorted()).toEqual(
      ['1', '2'].flatMap((id) => one.models.map(({ formula }) => `${id} ${formula}`)).toSorted(),
    );
    const whole = JSON.parse(await readFile(join(here.path, 'o.json'), 'utf8')) as Comparison;
    expect(whole.models.map(({ results }) => results.length)).toEqual([2, 2]);
    const back = await inTerminal(['compare', '--runs', join(here.path, 'o.json'), '--json']);
    expect(compared(back).pairs).toMatchObject([{ items: 2, difference: one.pairs[0]?.difference }]);
    expect(whole.models.every(({ msPerItem }) => typeof msPerItem === 'number')).toBe(true);
    const other = await inTerminal([...args.slice(0, 4), '-p', 'reRead', ...args.slice(8, 14)]);
    expect(other.err).toMatch(/run "votes" has formula/);
  });

  it('compares runs of the store and files, and says what else is not the same', async () => {
    await using here = await folder();
    const store = ['--store', join(here.path, 'store.db')];
    const task = await here.write(
      'sums.jsonl',
      lines(...[1, 2, 3, 4].map((i) => ({ input: `What is ${i} + 2?`, expected: i + 2 }))),
    );
    const base = ['eval', task, ...store, '-m', 'enumerable', '--metric', 'numeric'];
    await inTerminal([...base, '--run', 'one']);
    const out = join(here.path, 'voted.json');
    const voted = [
      ...base,
      '-p',
      'selfConsistency(n=3)',
      '--limit',
      '3',
      '--seed',
      '4',
      '--run',
      'voted',
      '--out',
      out,
    ];
    await inTerminal(voted);
    const ended = await inTerminal(['compare', '--runs', 'one,voted', '--json', ...store]);
    const { pairs, models } = compared(ended);
    expect(pairs).toMatchObject([{ a: 'one', b: 'voted', items: 3 }]);
    expect(models).toMatchObject([{ run: 'one', formula: 'enumerable' }, { run: 'voted' }]);
    expect(ended.err).toContain('different seeds');
    expect(ended.err).toContain('voted and one have 3 answered items in common, of 4');
    const files = await inTerminal(['compare', '--runs', `one,${out}`, ...store]);
    expect(files.out.replaceAll(/\s+/g, ' ')).toContain('voted.json: enumerable + selfConsistency(n=3)');
    const alone = await inTerminal(['compare', '--runs', 'one', ...store]);
    expect([alone.code, alone.err]).toEqual([2, 'plusx: --runs needs two names or more, as in --runs first,second.\n']);
  });

  it('says what it may spend, and spends nothing in a dry run', async () => {
    const dry = await inTerminal(['compare', 'arithmetic', ...VOTES, '--limit', '10', '--dry-run', '--json']);
    expect(json({ code: 0, err: '', out: dry.out })).toMatchObject({ calls: 120 });
  });

  it.each([
    [['compare'], /needs a task, or --runs/],
    [['compare', 'arithmetic', '-m', 'enumerable'], /needs two formulas/],
    [['compare', 'arithmetic', '--runs', 'a,b'], /takes no task/],
    [['compare', '--runs', 'a,a'], /names a twice/],
    [['compare', '--runs', 'a,,b'], /with commas between them/],
    [
      ['compare', 'arithmetic', '-m', 'enumerable', '-p', 'reRead', '-p', 'reRead'],
      /the same formula makes the same draws/,
    ],
    [['compare', 'arithmetic', ...VOTES, '--until', 'certain'], /Allowed choices are all, decided/],
    [['compare', 'arithmetic', ...VOTES, '--limit', '3', '--limit', '4'], /given twice/],
  ])('%j is refused with the way out', async (args, problem) => {
    const ended = await inTerminal(args);
    expect([ended.code, ended.out]).toEqual([2, '']);
    expect(ended.err).toMatch(problem);
  });
});
