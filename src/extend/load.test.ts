import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootScope, user, type Sample } from '../core/index.ts';
import { loadTask } from '../tasks/index.ts';
import { loadOwn } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plusx-own-'));
});
afterAll(() => rm(folder, { recursive: true }));

const TAKEN = { techniques: ['bestOfN'], scorers: ['length', 'judge'], metrics: ['exact'] };
let written = 0;
async function load(...texts: readonly string[]) {
  const files = texts.map((_, i) => join(folder, `own-${written++}-${i}.mjs`));
  await Promise.all(texts.map((text, i) => writeFile(files[i] as string, text)));
  return loadOwn(files, TAKEN);
}
const sample = { content: [{ type: 'text', text: 'abc' }] } as unknown as Sample;
const request = { prompt: [user('q')] };

describe('what a file exports', () => {
  it('is a scorer, a metric, a model, tools or a function, by its shape', async () => {
    const own = await load(`
      export const named = { name: 'other', score: () => 7 };
      export const graded = { name: 'other', grade: () => 0.25 };
      export const model = { name: 'my/model', can: {}, score() {}, sample: async () => ({ samples: [] }) };
      export const box = { tools: {} };
      export const plain = (of) => of.content[0].text.length / 3;
    `);
    expect(Object.keys(own.scorers).toSorted()).toEqual(['named', 'plain']);
    expect(Object.keys(own.metrics).toSorted()).toEqual(['graded', 'plain']);
    expect(Object.keys(own.models).toSorted()).toEqual(['model', 'my/model']);
    expect(Object.keys(own.functions).toSorted()).toEqual(['box', 'plain']);
    expect(own.scorers['named']?.name).toBe('named'); // what its formula prints can be read again
    const { context, close } = rootScope();
    expect(own.scorers['plain']?.score(sample, request, context)).toBe(1);
    const item = { id: '1', request, expected: null };
    expect(await own.metrics['graded']?.grade(sample, item, context)).toBe(0.25);
    expect(await own.metrics['plain']?.grade(sample, item, context)).toBe(1);
    close();
  });

  it('may be a metric of a task', async () => {
    const { metrics } = await load('export const half = () => 0.5;');
    const file = join(folder, 'q.csv');
    await writeFile(file, 'input,expected\na,b\n');
    const { metric } = await loadTask(file, { metric: metrics['half'] });
    expect(metric.name).toBe('half');
  });

  it.each([[2], [-0.1], [Number.NaN], ['many']])('is no metric with the grade %j', async (grade) => {
    const value = typeof grade === 'number' ? String(grade) : JSON.stringify(grade);
    const { metrics } = await load(`export const mine = () => ${value};`);
    const { context, close } = rootScope();
    await expect(metrics['mine']?.grade(sample, { id: '1', request, expected: null }, context)).rejects.toThrow(
      /^The metric mine gave no grade of item "1": it returned .*A grade is a number from 0 to 1\.$/,
    );
    close();
  });

  it.each([
    ['export default () => 1;', 'the export default has no name'],
    ['export const x = 3;', 'the export x is a number. What is exported must be'],
    ["export const x = 'y';", 'the export x is a text'],
    ['export const x = null;', 'the export x is null'],
    ['export const x = [];', 'the export x is a list'],
    ['export class x {}', 'the export x is a class'],
    ['export const x = { a: 1 };', 'the export x is an object without `score`'],
    ['export const length = () => 1;', 'the export length is a name that plusx has for one of its scorers'],
    ['export const exact = { grade: () => 1 };', 'the export exact is a name that plusx has for one of its metrics'],
    [
      "export const mine = Object.assign(() => (base) => base, { definition: { name: 'bestOfN' }, takes: 'one' });",
      'the export mine is a name that plusx has for one of its techniques',
    ],
    ['const x = 1;', 'exports nothing'],
    ['export const x = ;', 'cannot be loaded ('],
    ["throw new Error('on fire');\nexport const x = 1;", 'cannot be loaded (on fire)'],
    ["import './nowhere.mjs';\nexport const x = 1;", 'cannot be loaded ('],
  ])('%s is refused', async (text, problem) => {
    await expect(load(text)).rejects.toThrow(problem);
  });

  it('has one file for a name', async () => {
    await expect(load('export const x = () => 1;', 'export const x = () => 2;')).rejects.toThrow('is exported by');
    await expect(loadOwn([join(folder, 'nowhere.ts')], TAKEN)).rejects.toThrow(
      'there is no such file. Check the path.',
    );
  });
});
