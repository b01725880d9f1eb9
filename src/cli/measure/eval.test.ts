import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_TASKS } from '../../tasks/index.ts';
import { folder, lines, POOL } from '../test-support/folder.ts';
import { json, plusx } from '../test-support/plusx.ts';

const QUESTIONS = lines(
  { input: 'What is 17 * 24?', expected: 408 },
  { input: 'What is 20 + 30?', expected: '50' },
  { input: 'What is 9 - 4?', expected: 5 },
);

describe.concurrent('plusx eval', () => {
  it('prints the documented JSON', async () => {
    await using here = await folder();
    const task = await here.write('sums.jsonl', QUESTIONS);
    const ended = await plusx([
      'eval',
      task,
      '-m',
      'mixture(enumerable)',
      '-p',
      'selfConsistency',
      '--metric',
      'numeric',
      '--json',
    ]);
    const document: { [field: string]: unknown } = json(ended);
    expect(document).toMatchObject({
      task,
      model: 'enumerable',
      formula: 'mixture(enumerable) + selfConsistency',
      items: 3,
      samplesPerItem: 5,
      usage: { calls: 15, usd: 0 },
      failed: 0,
    });
    const [lo, hi] = document['ci95'] as [number, number];
    expect(lo).toBeLessThanOrEqual(document['accuracy'] as number);
    expect(hi).toBeGreaterThanOrEqual(document['accuracy'] as number);
    expect(ended).toMatchObject({ code: 0, err: '' });
  });

  it('counts items that share a field as one in the interval, and says how many there are', async () => {
    await using here = await folder();
    const questions = Array.from({ length: 12 }, (_, i) => ({
      input: `What is ${i} + 1?`,
      expected: i + 1,
      page: i % 3,
    }));
    const task = await here.write('pages.jsonl', lines(...questions));
    const verb = ['eval', task, '-m', 'enumerable', '--metric', 'numeric'];
    const [grouped, shown, apart] = await Promise.all([
      plusx([...verb, '--group', 'page', '--json']),
      plusx([...verb, '--group', 'page']),
      plusx([...verb, '--json']),
    ]);
    const width = (ended: typeof grouped): number => {
      const [lo, hi] = (json(ended) as { readonly ci95: readonly [number, number] }).ci95;
      return hi - lo;
    };
    expect(json(grouped)).toMatchObject({ items: 12, groups: 3 });
    expect(shown.out).toContain('12, 3 groups');
    expect(width(grouped)).toBeGreaterThan(1.2 * width(apart));
  });

  it('reads a table, by the names of its columns', async () => {
    await using here = await folder();
    const task = await here.write('sums.csv', 'nr,sum,result\na,What is 20 + 30?,50\nb,"What is 9 - 4?",5\n');
    const fields = ['--input-field', 'sum', '--expected-field', 'result', '--id-field', 'nr'];
    const out = join(here.path, 'out.json');
    const [read, unnamed] = await Promise.all([
      plusx(['eval', task, '-m', 'enumerable', '--metric', 'numeric', ...fields, '--out', out]),
      plusx(['eval', task, '-m', 'enumerable']),
    ]);
    expect(read).toMatchObject({ code: 0, err: '' });
    const { results } = JSON.parse(await readFile(out, 'utf8')) as { results: { id: string }[] };
    expect(results.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toContain('has no field for the question: it has nr, sum, result.');
    expect(unnamed.err).toContain('say which it is with `--input-field`.');
  });

  it('takes a pool as task and as model', async () => {
    await using here = await folder();
    const pool = `pool:${await here.write('pool.jsonl', POOL)}`;
    const [alone, named, shown] = await Promise.all([
      plusx(['eval', pool, '--json']),
      plusx(['eval', pool, '-m', pool, '--json']),
      plusx(['eval', pool]),
    ]);
    expect(alone.out).toBe(named.out);
    expect(json(alone)).toMatchObject({ task: pool, model: pool, items: 2, samplesPerItem: 1, repeats: 200 });
    // (3/4 + 1/4) / 2, seen through 200 random orders.
    expect((json(alone) as { accuracy: number }).accuracy).toBeCloseTo(0.5, 1);
    expect(shown.out).toMatch(/accuracy +\d+\.\d%/);
    expect(shown.out).toContain('tokens unknown, cost unknown');
  });

  it('says how many were asked where a budget ended, and writes each result down', async () => {
    await using here = await folder();
    const task = await here.write(
      'more.jsonl',
      lines(
        { id: 'known', input: 'What is 2 + 2?', expected: '4' },
        { id: 'costly', input: `What is 1 + 1?${' '.repeat(400)}`, expected: '2' },
      ),
    );
    const out = join(here.path, 'result.json');
    const ended = await plusx(['eval', task, '-m', 'enumerable', '--budget', 'tokens=150', '--out', out]);
    expect(ended.code).toBe(100);
    expect(ended.err).toBe(''); // an item whose turn never came has not failed
    expect(ended.out).toMatch(/items +asked 1 of 2\n/);
    expect(ended.out).toContain('Cut short: the budget (tokens) ran out.');
    const { results, failed, asked, total } = JSON.parse(await readFile(out, 'utf8')) as {
      results: { id: string }[];
      failed: number;
      asked: number;
      total: number;
    };
    expect([failed, asked, total]).toEqual([1, 1, 2]);
    expect(results.map(({ id }) => id)).toEqual(['known', 'costly']);
  });

  it('keeps a named run: the same command goes on with what is there, another one is refused', async () => {
    await using here = await folder();
    await here.write('sums.jsonl', QUESTIONS);
    const args = ['eval', 'sums.jsonl', '-m', 'enumerable', '-p', 'selfConsistency(n=3)', '--run', 'first', '--json'];
    const first = await plusx(args, { cwd: here.path });
    const second = await plusx(args, { cwd: here.path });
    expect(json(first)).toMatchObject({ run: 'first', usage: { calls: 9, replays: 0 } });
    expect(json(second)).toMatchObject({ usage: { calls: 9, replays: 9 } });
    expect((json(second) as { accuracy: number }).accuracy).toBe((json(first) as { accuracy: number }).accuracy);
    await expect(readFile(join(here.path, '.plusx/store.db'))).resolves.toBeTruthy();
    const other = await plusx([...args.slice(0, 4), '--run', 'first'], { cwd: here.path });
    expect(other.code).toBe(1);
    expect(other.err).toMatch(/^plusx: .*run "first" has formula/);
  });

  it('names the line of a malformed file, and the task or metric that is not there', async () => {
    await using here = await folder();
    const broken = await here.write('broken.jsonl', `${QUESTIONS}{"input": "x", \n`);
    const half = await here.write('half.jsonl', '{"input": "x"}\n');
    const badPool = await here.write('bad.jsonl', `${POOL}{"id": "x", "samples": []}\n`);
    const cases = await Promise.all([
      plusx(['eval', broken, '-m', 'enumerable']),
      plusx(['eval', half, '-m', 'enumerable']),
      plusx(['eval', `pool:${badPool}`]),
      plusx(['eval', 'arithmetics', '-m', 'enumerable']),
      plusx(['eval', 'absent.jsonl', '-m', 'enumerable']),
      plusx(['eval', half, '-m', 'enumerable', '--metric', 'numerical']),
      plusx(['eval', half, '-m', 'enumerable', '--metric', 'judge']),
      plusx(['eval', 'arithmetic']),
    ]);
    const says = [
      /broken\.jsonl:4: /,
      /half\.jsonl:1: .*expected/,
      /bad\.jsonl:3: .*samples/,
      /Did you mean `arithmetic`\?/,
      /absent\.jsonl: .*no such file/,
      /metric.*numerical.*numeric/,
      /add --judge MODEL/,
      /No model is named/,
    ];
    cases.forEach(({ code, out, err }, i) => {
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(says[i] as RegExp);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
    });
  });

  it('lists every built-in task in its help', async () => {
    const { out } = await plusx(['eval', '--help']);
    const own = /tiny:NAME \(([^)]*)\)/.exec(out)?.[1]?.split(/[\s,]+/);
    const [mine, others] = [true, false].map((yes) =>
      BUILT_IN_TASKS.map(({ name }) => name).filter((name) => name.startsWith('tiny:') === yes),
    );
    expect(own).toEqual(expect.arrayContaining((mine ?? []).map((name) => name.slice('tiny:'.length))));
    for (const name of others ?? []) expect(out).toContain(name);
  });
});
