/** The file of a compiled model: what is written loads as what was found, and what is not as described is told with its place. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import { ConfigError } from '../../config/read.ts';
import { openModels } from '../../config/models.ts';
import { ask, type Model } from '../../core/index.ts';
import { tiny } from '../../models/tiny/index.ts';
import { compile } from '../compile.ts';
import { parseSpace } from '../space/parse.ts';
import { questions, world } from '../test-support/world.ts';
import { checkReport } from './earlier.ts';
import { checkProgram, FORMAT, type Program } from './format.ts';
import { load } from './load.ts';
import { programOf, saveProgram } from './save.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plusx-compiled-'));
});
afterAll(() => rm(folder, { recursive: true }));

const PROGRAM: Program = {
  plusx: FORMAT,
  model: 'plusx:tiny',
  plus: 'demos(k=2) + selfConsistency(n=3)',
  demonstrations: [
    { question: 'What is 4 + 4?', answer: '8' },
    { question: 'What is 1 + 2?', answer: '3' },
  ],
};

const answersOf = async (model: Model): Promise<unknown[]> => {
  const all = [];
  for (let seed = 0; seed < 3; seed++) {
    const { sample } = await ask(model, 'What is 3 + 5?', { seed });
    all.push([sample.content, sample.providerMetadata]);
  }
  return all;
};

it('what was found is written, and loads as the same model', async () => {
  const base = world({ right: (prompt) => (prompt.split('\n').length > 4 ? 0.95 : 0.4) });
  const space = parseSpace('demos(k=[0, 4]) + maybe(selfConsistency(n=3))', { techniques, model: () => undefined });
  const options = { model: base, budget: { calls: 3000 }, perQuestion: { calls: 5 }, seed: 4 };
  const compiled = await compile(space, questions(200), options);
  const file = join(folder, 'found.plusx.json');
  const program = programOf(compiled, '1.2.3');
  await saveProgram(program, file);
  expect(await readdir(folder)).toEqual(['found.plusx.json']);
  expect(program).toMatchObject({
    model: 'world',
    plus: expect.stringContaining('demos(k=4)'),
    perQuestion: { calls: 5 },
    provenance: {
      seed: 4,
      versions: { plusx: '1.2.3' },
      scores: { improved: true },
      data: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  const loaded = await load(file, { base });
  expect(loaded.name).toBe(compiled.model.name);
  for (let seed = 0; seed < 5; seed++) {
    const [one, two] = await Promise.all([compiled.model, loaded].map((model) => ask(model, 'Question 5?', { seed })));
    expect(two?.sample).toEqual(one?.sample);
  }
});

it('is a model by its name, on a command line and in a configuration, and answers as the library does', async () => {
  const file = join(folder, 'x.plusx.json');
  await saveProgram(PROGRAM, file);
  const expected = await answersOf(await load(file, { base: tiny() }));
  const models = await openModels(undefined, { folder });
  expect(await answersOf((await models.named('x.plusx.json'))?.model as Model)).toEqual(expected);
  expect(await answersOf(await models.model('x.plusx.json'))).toEqual(expected);
  const config = { file: join(folder, 'plusx.config.json'), folder, config: { models: { careful: 'x.plusx.json' } } };
  const configured = await openModels(config, { folder: tmpdir() });
  expect(await answersOf((await configured.named('careful', { foreign: true }))?.model as Model)).toEqual(expected);
  // A request to a server reaches what the configuration names, and no file.
  expect(await configured.named(file, { foreign: true })).toBeUndefined();
});

it('is loaded from data where there are no files: nothing that its entry needs at once is of Node', async () => {
  const reached = new Set<string>();
  const reach = async (url: URL): Promise<void> => {
    if (reached.has(url.href)) return;
    reached.add(url.href);
    const source = await readFile(url, 'utf8');
    const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|^import type [^;]*;/gm, '');
    const needed = [...code.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'/g)].map(
      ([, from = '']) => from,
    );
    expect(needed.filter((from) => from.startsWith('node:'))).toEqual([]);
    for (const from of needed) if (from.startsWith('.')) await reach(new URL(from, url));
  };
  await reach(new URL('index.ts', import.meta.url));
  expect(reached.size).toBeGreaterThan(100);
});

it('made for another model, every answer says so', async () => {
  const model = await load({ ...PROGRAM, model: 'plusx:other' }, { base: tiny() });
  const { warnings } = await ask(model, 'What is 3 + 5?');
  expect(warnings).toContainEqual(expect.objectContaining({ code: 'compiled-for-another' }));
  expect((await ask(await load(PROGRAM, { base: tiny() }), 'What is 3 + 5?')).warnings).not.toContainEqual(
    expect.objectContaining({ code: 'compiled-for-another' }),
  );
});

it('holds an answer to what a question may take', async () => {
  const base = world({ right: () => 0.5 });
  const model = await load(
    { plusx: 1, model: 'world', plus: 'selfConsistency(n=9)', perQuestion: { calls: 3 } },
    { base },
  );
  const { usage, sample } = await ask(model, 'Question 5?');
  expect(usage.calls).toBe(3);
  expect(sample.providerMetadata?.['plusx']?.['exhausted']).toBe('calls');
});

describe('what is not as described is refused, with its place', () => {
  it.each<[unknown, string]>([
    [[], 'must be an object'],
    [{}, 'is no file of a compiled model: it has no field plusx'],
    [{ ...PROGRAM, plusx: 2 }, 'is of form 2, and this plusx reads form 1. Update plusx'],
    [{ ...PROGRAM, plusx: 0 }, 'x#/plusx: must be an integer of at least 1, got 0'],
    [{ ...PROGRAM, formla: 'a' }, 'x#/formla: is no name that is known here'],
    [{ plusx: 1, plus: '' }, 'must have the field model'],
    [{ ...PROGRAM, plus: 3 }, 'x#/plus: must be a text, got 3'],
    [{ ...PROGRAM, demonstrations: [{ question: 'a' }] }, 'x#/demonstrations/0: must have the field answer'],
    [{ ...PROGRAM, perQuestion: { calls: -1 } }, 'x#/perQuestion/calls: must be a number of at least 0'],
    [{ ...PROGRAM, provenance: { seed: null } }, 'x#/provenance/seed: must be a number'],
    [{ ...PROGRAM, provenance: { scores: { ci95: [1] } } }, 'x#/provenance/scores/ci95: must hold two numbers'],
  ])('%#: %j', (value, problem) => {
    expect(() => checkProgram(value, 'x')).toThrow(ConfigError);
    expect(() => checkProgram(value, 'x')).toThrow(problem);
  });

  it.each([
    ['{', 'is no JSON'],
    [JSON.stringify({ ...PROGRAM, plus: 'selfConsitency' }), 'Did you mean `selfConsistency`?'],
    [JSON.stringify({ ...PROGRAM, model: 'y.plusx.json' }), 'names the file of another compiled model'],
  ])('in a file: %s', async (text, problem) => {
    await writeFile(join(folder, 'bad.plusx.json'), text);
    const models = await openModels(undefined, { folder });
    await expect(models.named('bad.plusx.json')).rejects.toThrow(problem);
  });

  it('a file that is not there, and a base that is none', async () => {
    await expect(load(join(folder, 'none.plusx.json'), { base: tiny() })).rejects.toThrow('no such file');
    await expect(load(PROGRAM, {} as never)).rejects.toThrow('load: base must be the model');
  });
});

describe('the report of an earlier search', () => {
  const REPORT = { plan: { task: 't', model: 'm' }, tried: [{ plus: '', grades: [0, null, 1] }] };
  const columns = [{ plus: 'reRead', grades: [0, 2] }];

  it('is what counts of it, and the rest is left', () => {
    expect(checkReport({ ...REPORT, plan: { ...REPORT.plan, size: '3' }, picked: 'm' }, 'r.json')).toEqual(REPORT);
    expect(checkReport({ ...REPORT, tried: [{ plus: 'reRead', dev: 0.5 }] }, 'r.json').tried).toEqual([
      { plus: 'reRead' },
    ]);
  });

  it.each<[unknown, string]>([
    [[], 'r.json: must be an object'],
    [{ plan: REPORT.plan }, 'r.json: is no report of a search. `plusx compile ... --report FILE` writes one'],
    [{ ...REPORT, plan: { model: 'm' } }, 'r.json#/plan/task: must be a text'],
    [{ ...REPORT, tried: 'all' }, 'r.json#/tried: must be a list'],
    [{ ...REPORT, tried: columns }, 'r.json#/tried/0/grades/1: must be a number from 0 to 1, got 2'],
  ])('is refused where it is %j', (value, problem) => {
    expect(() => checkReport(value, 'r.json')).toThrow(problem);
  });
});
