import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openaiServer } from '../../testing/servers/openai-server.ts';
import { folder, type Folder } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { json, plusx } from '../test-support/plusx.ts';

const QUESTIONS = 'id,input,expected\na,=What is 17 * 24?,408\nb,"What is 20 + 30?","50"\nc,What is 9 - 4?,5\n';
const VOTE = ['-m', 'enumerable', '-p', 'selfConsistency(n=3)', '--metric', 'numeric', '--seed', '7'];

interface Line {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly candidates: readonly { readonly at: string; readonly model: string; readonly text: string }[];
}
async function linesOf(here: Folder, name: string): Promise<readonly Line[]> {
  const text = await readFile(join(here.path, name), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe.concurrent('records of an evaluation', () => {
  it('hold a line an item, with all that was said and what it took', async () => {
    await using here = await folder();
    await here.write('q.csv', QUESTIONS);
    const at = { cwd: here.path };
    const ended = await plusx(['eval', 'q.csv', ...VOTE, '--records', 'deep/r.jsonl', '--json'], at);
    expect(ended).toMatchObject({ code: 0, err: '' });
    const lines = await linesOf(here, 'deep/r.jsonl');
    expect((await stat(join(here.path, 'deep/r.jsonl'))).mode & 0o077).toBe(0);
    expect(lines.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c']);
    const a = lines.find(({ id }) => id === 'a');
    expect(a).toMatchObject({
      question: '=What is 17 * 24?',
      expected: '408',
      calls: 3,
      samples: 3,
      seed: 7,
      usd: 0,
      task: 'q.csv',
      formula: 'enumerable + selfConsistency(n=3)',
      metric: 'numeric',
      error: null,
    });
    expect(a?.candidates).toHaveLength(3);
    expect(a?.candidates.map(({ text }) => text)).toContain(a?.['reply']);
    for (const { at: address, model } of a?.candidates ?? [])
      expect([address, model]).toEqual([expect.stringContaining('draw/'), 'enumerable']);
    expect(Object.values(a?.['votes'] as object).reduce((sum: number, n: number) => sum + n, 0)).toBeLessThanOrEqual(3);
    expect(a?.['ms']).toBeGreaterThanOrEqual(0);
    const tokens = lines.reduce((sum, line) => sum + Number(line['tokens']), 0);
    const { usage } = json(ended) as { usage: { inputTokens: number; outputTokens: number } };
    expect(tokens).toBe(usage.inputTokens + usage.outputTokens);
  });

  it('are a table for a spreadsheet, in which nothing is computed', async () => {
    await using here = await folder();
    await here.write('q.csv', QUESTIONS);
    await plusx(['eval', 'q.csv', ...VOTE, '--records', 'r.csv', '-q'], { cwd: here.path });
    const rows: Readonly<Record<string, string>>[] = parse(await readFile(join(here.path, 'r.csv'), 'utf8'), {
      columns: true,
    });
    expect(rows).toHaveLength(3);
    expect(rows.map(({ question }) => question)).toContain("'=What is 17 * 24?");
    for (const { votes, candidates, grade } of rows) {
      expect(typeof JSON.parse(String(votes))).toBe('object');
      expect(JSON.parse(String(candidates))).toHaveLength(3);
      expect(['0', '1']).toContain(grade);
    }
  });

  it('have a line for each repeat, and one for an item that failed', async () => {
    await using here = await folder();
    await here.write('q.csv', QUESTIONS);
    const server = await openaiServer({ answers: '50', models: ['m'], failures: (i) => (i === 0 ? 400 : null) });
    const env = { PLUSX_BASE_URL: server.url, PLUSX_SERVERS: join(here.path, 'none.json') };
    const records = join(here.path, 'r.jsonl');
    const task = join(here.path, 'q.csv');
    const args = ['eval', task, '-m', 'server/m', '--metric', 'numeric', '--records', records, '-q'];
    const failing = await inTerminal([...args, '--concurrency', '1'], { env });
    expect(failing.code).toBe(100);
    const lines = await linesOf(here, 'r.jsonl');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({
      id: 'a',
      reply: null,
      grade: null,
      error: expect.stringContaining('400') as string,
    });
    await inTerminal([...args, '--repeats', '2'], { env });
    expect((await linesOf(here, 'r.jsonl')).map(({ id, repeat }) => `${id}${String(repeat)}`).toSorted()).toEqual([
      'a0',
      'a1',
      'b0',
      'b1',
      'c0',
      'c1',
    ]);
    await server.close();
  });
});

describe.concurrent('plusx regrade', () => {
  it('grades records, documents and runs again, and asks nobody', async () => {
    await using here = await folder();
    await here.write('q.csv', QUESTIONS);
    const at = { cwd: here.path };
    const kept = ['--records', 'r.jsonl', '--out', 'out.json', '--run', 'first', '--store', 's.db'];
    const first = await plusx(['eval', 'q.csv', ...VOTE, ...kept, '--json'], at);
    const before = (json(first) as { accuracy: number }).accuracy;
    const again = (...args: string[]) => plusx(['regrade', ...args, '--json'], at);
    const results = await Promise.all([
      again('r.jsonl', '--metric', 'numeric'),
      again('out.json', '--metric', 'numeric'),
      again('first', '--store', 's.db', '--metric', 'numeric'),
    ]);
    for (const one of results) {
      expect(one.err).toBe('');
      expect(json(one)).toMatchObject({
        task: 'q.csv',
        formula: 'enumerable + selfConsistency(n=3)',
        metric: 'numeric',
        items: 3,
        accuracy: before,
        before: { metric: 'numeric', accuracy: before },
        changed: 0,
        usage: { calls: 0 },
      });
    }
    const other = await again('r.jsonl', '--metric', 'regex', '--out', 'new.json', '--records', 'new.jsonl');
    expect(json(other)).toMatchObject({ metric: 'regex', before: { metric: 'numeric' } });
    // What it wrote can be graded again in its turn.
    for (const file of ['new.json', 'new.jsonl'])
      expect(json(await again(file, '--metric', 'numeric'))).toMatchObject({ accuracy: before });
  });

  it('takes a metric of your own, and a judge, whose cost is said first', async () => {
    await using here = await folder();
    await here.write('q.csv', QUESTIONS);
    await here.write('own.mjs', 'export const half = () => 0.5;\n');
    const at = { cwd: here.path };
    await plusx(['eval', 'q.csv', ...VOTE, '--records', 'r.jsonl', '-q'], at);
    const half = await plusx(['regrade', 'r.jsonl', '--metric', 'half', '--import', 'own.mjs'], at);
    expect(half.out).toMatch(/accuracy +50\.0%/);
    expect(half.out).toMatch(/before +[\d.]+% with numeric/);
    const server = await openaiServer({ answers: 'yes', models: ['m'] });
    const env = { PLUSX_BASE_URL: server.url };
    const judge = ['regrade', 'r.jsonl', '--metric', 'judge', '--judge', 'server/m'];
    const dry = await plusx([...judge, '--dry-run'], { ...at, env });
    expect(dry.out).toContain('At most 3 calls (3 items, 1 call each).');
    expect(server.requests).toEqual([]);
    const judged = await plusx([...judge, '--json'], { ...at, env });
    expect(json(judged)).toMatchObject({ accuracy: 1, usage: { calls: 3 } });
    await server.close();
  });

  it('keeps what is graded when it is interrupted, and asks a judge nothing twice', async () => {
    await using here = await folder();
    await here.write('q.csv', QUESTIONS);
    const at = { cwd: here.path };
    await plusx(['eval', 'q.csv', ...VOTE, '--run', 'first', '--store', 's.db', '-q'], at);
    const server = await openaiServer({ answers: 'yes', models: ['m'], latencyMs: (i) => (i === 2 ? 60_000 : 0) });
    const env = { PLUSX_BASE_URL: server.url };
    const judge = ['regrade', 'first', '--store', 's.db', '--metric', 'judge', '--judge', 'server/m', '--json'];
    const ended = await plusx([...judge, '--out', 'part.json', '--records', 'part.jsonl'], {
      ...at,
      env,
      started: (child) => {
        const timer = setInterval(() => {
          if (server.requests.length < 3) return;
          clearInterval(timer);
          setTimeout(() => child.kill('SIGINT'), 200);
        }, 20);
      },
    });
    expect(ended.code).toBe(130);
    expect(ended.err).toContain('this is what was done by then');
    expect(json(ended)).toMatchObject({
      interrupted: true,
      items: 2,
      total: 3,
      accuracy: 1,
      usage: { calls: 3, unreported: 1 },
    });
    expect(await linesOf(here, 'part.jsonl')).toHaveLength(2);
    const again = await plusx(judge, { ...at, env });
    const whole = json(again) as object;
    expect(whole).toMatchObject({ items: 3, usage: { calls: 3, replays: 2 }, spending: { calls: 3, replays: 2 } });
    expect(whole).not.toHaveProperty('interrupted');
    expect(server.requests).toHaveLength(4);
    await server.close();
  });

  it.each([
    [['r.csv', '--metric', 'exact'], /r\.csv is a table to be read by people/],
    [['nothing', '--metric', 'exact'], /There is no store \.plusx\/store\.db, and so no runs/],
    [['x.jsonl', '--metric', 'exact'], /x\.jsonl: there is no such file/],
    [['bad.json', '--metric', 'exact'], /bad\.json: is not what eval --out writes/],
    [['bad.json', '--metric', 'exakt'], /Unknown metric "exakt"\. Did you mean `exact`/],
    [['old.json', '--metric', 'exact'], /old\.json:1: is no result of an item with its question and its replies/],
    [['bad.json', '--metric', 'judge'], /needs the model that judges/],
  ])('%j is refused', async (args, problem) => {
    await using here = await folder();
    await here.write('bad.json', '{"a": 1}');
    await here.write('old.json', '{"task":"t","formula":"f","metric":"m","results":[{"id":"1","grade":1}]}');
    const ended = await plusx(['regrade', ...args], { cwd: here.path });
    expect(ended.code).toBe(2);
    expect(ended.err).toMatch(problem);
  });
});

it('a comparison is graded again by formula: what its formulas come to together is the accuracy of none', async () => {
  await using here = await folder();
  const file = (name: string): string => join(here.path, name);
  await here.write(
    'q.jsonl',
    '{"id":"a","input":"What is 17 * 24?","expected":"4080"}\n{"id":"b","input":"What is 9 - 4?","expected":"5"}\n',
  );
  const good = await openaiServer({ answers: 'Answer: 4080 or 5' });
  const bad = await openaiServer({ answers: 'Answer: 7' });
  const five = await openaiServer({ answers: 'Answer: 5' });
  onTestFinished(async () => {
    await Promise.all([good.close(), bad.close(), five.close()]);
  });
  await here.write(
    'plusx.config.json',
    JSON.stringify({
      providers: { good: { baseURL: good.url }, bad: { baseURL: bad.url }, five: { baseURL: five.url } },
    }),
  );
  const config = ['--config', file('plusx.config.json')];
  const of = ['-m', 'good/m', '-m', 'bad/m', '--metric', 'exact'];
  const kept = ['--store', file('s.db'), '--run', 'both', '--out', file('o.json'), '--records', file('r.jsonl')];
  await inTerminal([...config, 'compare', file('q.jsonl'), ...of, ...kept, '-q']);
  for (const answered of [['both', '--store', file('s.db')], [file('o.json')], [file('r.jsonl')]]) {
    const ended = await inTerminal([
      'regrade',
      ...answered,
      '--metric',
      'contains',
      '--json',
      '--records',
      file('n.jsonl'),
    ]);
    expect(json(ended)).toMatchObject({
      items: 4,
      formulas: [
        { formula: 'good/m', items: 2, accuracy: 1, before: { metric: 'exact', accuracy: 0 }, changed: 2 },
        { formula: 'bad/m', items: 2, accuracy: 0, before: { metric: 'exact', accuracy: 0 }, changed: 0 },
      ],
    });
    expect((await linesOf(here, 'n.jsonl')).map(({ id, formula }) => `${id} ${String(formula)}`).toSorted()).toEqual([
      'a bad/m',
      'a good/m',
      'b bad/m',
      'b good/m',
    ]);
    const shown = await inTerminal(['regrade', ...answered, '--metric', 'contains']);
    expect(shown.out).toMatch(/good\/m\n\s+accuracy\s+100\.0%[^]*bad\/m\n\s+accuracy\s+0\.0%/);
    expect(shown.out).not.toContain('50.0%');
  }
  // And so are two runs of which one holds several formulas: what each said is its own.
  const store = ['--store', file('s.db')];
  const alone = ['-m', 'bad/m', '--metric', 'numeric', ...store, '--run', 'alone', '-q'];
  await inTerminal([...config, 'eval', file('q.jsonl'), ...alone]);
  const pair = ['-m', 'bad/m', '-m', 'five/m', '--metric', 'numeric', ...store, '--run', 'pair', '-q'];
  await inTerminal([...config, 'compare', file('q.jsonl'), ...pair]);
  const { out } = await inTerminal(['runs', 'diff', 'alone', 'pair', ...store]);
  expect(out).toMatch(/item\s+C is\s+expected\s+A said\s+C said\n\s+b\s+better\s+"5"\s+7\s+5\n/);
  expect(out).not.toContain('B is');
});
