import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../store/index.ts';
import { folder, lines, type Folder } from '../test-support/folder.ts';
import { inTerminal, type InTerminal } from '../test-support/in-process.ts';

const QUESTIONS = lines(
  { id: 'a', input: 'What is 17 * 24?', expected: 408, kind: ['product', 'hard'] },
  { id: 'b', input: 'What is 20 + 30?', expected: 50, kind: 'sum' },
  { id: 'c', input: 'What is 9 - 4?', expected: 5, kind: 'sum, easy' },
);

/** A store with the runs `one` and `voted`. */
async function measured(here: Folder): Promise<(...args: readonly string[]) => Promise<InTerminal>> {
  const task = await here.write('sums.jsonl', QUESTIONS);
  const store = join(here.path, 'store.db');
  const run = (...args: readonly string[]): Promise<InTerminal> => inTerminal([...args, '--store', store]);
  const base = ['eval', task, '-m', 'enumerable', '--metric', 'numeric', '--tags', 'kind', '--quiet'];
  await run(...base, '--run', 'one');
  await run(...base, '-p', 'selfConsistency(n=9)', '--run', 'voted');
  return run;
}

const parsed = (ended: InTerminal): never => JSON.parse(ended.out) as never;

describe('plusx runs', () => {
  it('lists them, and shows one by tag', async () => {
    await using here = await folder();
    const run = await measured(here);
    const [list, shown, document] = [
      await run('runs', 'list'),
      await run('runs', 'show', 'one'),
      await run('runs', 'show', 'one', '--json'),
    ];
    expect(
      list.out
        .split('\n')
        .slice(1, 3)
        .map((line) => line.split(/ +/).slice(0, 3)),
    ).toEqual([
      ['one', 'done', '3'],
      ['voted', 'done', '3'],
    ]);
    const { formulas } = parsed(document) as {
      formulas: { formula: string; items: number; tags: { tag: string; items: number; ci95: number[] }[] }[];
    };
    expect(formulas).toMatchObject([{ formula: 'enumerable', items: 3, failed: 0 }]);
    expect(formulas[0]?.tags.map(({ tag, items }) => [tag, items])).toEqual([
      ['easy', 1],
      ['hard', 1],
      ['product', 1],
      ['sum', 2],
    ]);
    expect(shown.out).toMatch(/sum +2 +\d+\.\d% +\d+\.\d% – \d+\.\d%/);
    expect(parsed(await run('runs', 'list', '--json'))).toMatchObject([
      { name: 'one', items: 3, failed: 0 },
      { name: 'voted' },
    ]);
  });

  it('exports the records that eval writes, and diff shows what both said where an item flips', async () => {
    await using here = await folder();
    const run = await measured(here);
    const exported = await run('runs', 'export', 'voted');
    const records = exported.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { [field: string]: unknown });
    expect(records.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(records[0]).toMatchObject({
      tags: ['product', 'hard'],
      formula: 'enumerable + selfConsistency(n=9)',
      samples: 9,
    });
    expect(records[0]?.['prompt']).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(records.map(({ prompt }) => prompt)).size).toBe(3);
    const file = join(here.path, 'r.csv');
    await run('runs', 'export', 'voted', '--records', file);
    expect((await readFile(file, 'utf8')).split('\r\n')[0]).toBe(
      'id,group,tags,prompt,repeat,question,expected,reply,answer,grade,votes,candidates,samples,calls,inputTokens,outputTokens,tokens,usd,ms,seed,task,formula,metric,error',
    );
    const jsonl = await here.write('r.jsonl', exported.out);
    const regraded = await inTerminal(['regrade', jsonl, '--metric', 'contains', '--json']);
    expect(parsed(regraded)).toMatchObject({
      items: 3,
      tags: [{ tag: 'easy' }, { tag: 'hard' }, { tag: 'product' }, { tag: 'sum' }],
    });
    const diff = await run('runs', 'diff', 'one', 'voted');
    const flips = [...diff.out.matchAll(/^ {2}([abc]) +(better|worse) +(\d+) +(\d+) +(\d+)$/gm)].map(
      ([, id, how]) => `${id} ${how}`,
    );
    const { pairs } = parsed(await run('runs', 'diff', 'one', 'voted', '--json')) as {
      pairs: { gained: string[]; lost: string[] }[];
    };
    expect(flips).toEqual([
      ...(pairs[0]?.gained ?? []).map((id) => `${id} better`),
      ...(pairs[0]?.lost ?? []).map((id) => `${id} worse`),
    ]);
    expect(flips.length).toBeGreaterThan(0);
  });

  it('writes the forms of other programs, and reads them back: compared with itself a run has no difference', async () => {
    await using here = await folder();
    const run = await measured(here);
    for (const [format, ending] of [
      ['inspect', 'json'],
      ['promptfoo', 'json'],
      ['lm-eval', 'jsonl'],
    ] as const) {
      const file = join(here.path, `${format}.${ending}`);
      expect((await run('runs', 'export', 'voted', '--format', format, '--out', file)).code).toBe(0);
      const { pairs } = parsed(await run('compare', '--runs', `voted,${file}`, '--json')) as { pairs: object[] };
      expect(pairs).toMatchObject([{ items: 3, difference: 0, gained: [], lost: [] }]);
    }
    const [lost, two] = [
      await run('runs', 'export', 'voted', '--out', join(here.path, 'x.json')),
      await run('runs', 'export', 'voted', '--format', 'excel'),
    ];
    expect([lost.code, two.code]).toEqual([2, 2]);
    expect(lost.err).toContain('--out goes with --format');
  });

  it('deletes all that are named, or none', async () => {
    await using here = await folder();
    const run = await measured(here);
    const refused = await run('runs', 'delete', 'one', 'two');
    expect([refused.code, refused.err]).toEqual([
      2,
      `plusx: ${join(here.path, 'store.db')} has no run "two". It has one, voted: eval --run NAME keeps one.\n`,
    ]);
    expect((await run('runs', 'delete', 'one')).out).toBe('Deleted one.\n');
    expect((await run('runs', 'list', '--json')).out).not.toContain('"one"');
    expect((await inTerminal(['runs', 'list', '--store', join(here.path, 'absent.db')])).err).toMatch(
      /There is no store .*absent\.db, and so no runs/,
    );
  });

  it('shows a search, which keeps what it found and no results of items', async () => {
    await using here = await folder();
    const file = join(here.path, 'store.db');
    const store = openStore(file);
    await store.runs.open({ name: 'found', task: 't', formula: 'm', seed: 0, settings: { data: 'd', budget: {} } });
    await store.runs.saveItem('found', { item: 'event 001', status: 'ok', result: { kind: 'plan' } });
    await store.close();
    const shown = await inTerminal(['runs', 'show', 'found', '--store', file]);
    expect(shown).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('No results of items are kept') as unknown,
    });
  });

  it('tells a comparison by formula', async () => {
    await using here = await folder();
    const run = await measured(here);
    await run(
      'compare',
      join(here.path, 'sums.jsonl'),
      '-m',
      'enumerable',
      '-p',
      'selfConsistency(n=3)',
      '--metric',
      'numeric',
      '--run',
      'both',
      '--quiet',
    );
    const { formulas } = parsed(await run('runs', 'show', 'both', '--json')) as {
      formulas: { formula: string; items: number }[];
    };
    expect(formulas).toMatchObject([
      { formula: 'enumerable', items: 3 },
      { formula: 'enumerable + selfConsistency(n=3)', items: 3 },
    ]);
    expect(parsed(await run('compare', '--runs', 'both', '--json'))).toMatchObject({ pairs: [{ items: 3 }] });
    const refused = await run('runs', 'export', 'both', '--format', 'inspect');
    expect(refused.err).toContain('both holds 2 formulas, and a file of inspect holds one');
  });
});

describe('--retry-errors', () => {
  it('asks again what failed, and keeps the rest as it was', async () => {
    await using here = await folder();
    const run = await measured(here);
    const store = openStore({ file: join(here.path, 'store.db') });
    const [a, b] = await store.runs.items('one');
    await store.runs.saveItem('one', {
      item: 'a',
      status: 'failed',
      result: { ...(a?.result as object), grade: undefined, replies: [], error: 'the server went away' },
    });
    await store.runs.saveItem('one', { item: 'b', status: 'ok', result: { ...(b?.result as object), grade: 0.25 } });
    await store.close();
    const again = [
      'eval',
      join(here.path, 'sums.jsonl'),
      '-m',
      'enumerable',
      '--metric',
      'numeric',
      '--tags',
      'kind',
      '--run',
      'one',
      '--json',
    ];
    const out = join(here.path, 'o.json');
    const ended = await run(...again, '--retry-errors', '--out', out);
    expect(ended.code).toBe(0);
    const { results, usage } = JSON.parse(await readFile(out, 'utf8')) as {
      results: { id: string; grade: number; error?: string }[];
      usage: { calls: number };
    };
    expect(results.map(({ id, error }) => [id, error])).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ]);
    expect(results[1]?.grade).toBe(0.25); // not asked, not graded again
    expect(usage.calls).toBe(1);
    expect((await run('runs', 'list', '--json')).out).toContain('"failed": 0');
  });

  it.each([
    [['eval', 'arithmetic', '-m', 'enumerable', '--retry-errors'], /say which with --run NAME/],
    [
      ['eval', 'arithmetic', '-m', 'enumerable', '--run', 'none', '--retry-errors'],
      /There is no run "none" whose errors/,
    ],
  ])('%j is refused', async (args, problem) => {
    await using here = await folder();
    const ended = await inTerminal([...args, '--store', join(here.path, 's.db')]);
    expect(ended.code).toBe(2);
    expect(ended.err).toMatch(problem);
  });
});
