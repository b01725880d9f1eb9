import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../store/index.ts';
import { folder, POOL } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { json, plusx } from '../test-support/plusx.ts';

interface Point {
  readonly n: number;
  readonly accuracy: number;
  readonly ci95: readonly [number, number];
  readonly pass: number | null;
  readonly samplesPerItem: number;
  readonly tokensPerItem: number | null;
  readonly usdPerItem: number | null;
}

describe.concurrent('plusx curve', () => {
  it('prints the documented JSON, exact on a small pool', async () => {
    await using here = await folder();
    const pool = `pool:${await here.write('pool.jsonl', POOL)}`;
    const ended = await plusx(['curve', pool, '-p', 'selfConsistency', '--over', 'n=4,1,3', '--json']);
    expect(ended).toMatchObject({ code: 0 });
    const document = json(ended) as { curve: Point[] };
    expect(document).toMatchObject({ task: pool, model: pool, formula: `${pool} + selfConsistency` });
    const [one, three, four] = document.curve as [Point, Point, Point];
    expect(document.curve.map(({ n }) => n)).toEqual([1, 3, 4]);
    expect(one.accuracy).toBeCloseTo((3 / 4 + 1 / 4) / 2, 12);
    expect(one.pass).toBeCloseTo(0.5, 12);
    // Easy: 4 leads in every choice of three. Hard: of {408, 398, 398, 418} three hold 398 twice, or each once.
    expect(three.accuracy).toBeCloseTo((1 + (2 / 4) * (1 / 3)) / 2, 12);
    expect(four).toMatchObject({ accuracy: 0.5, pass: 1, samplesPerItem: 4, tokensPerItem: null, usdPerItem: null });
  });

  it('shows a table and writes picture and JSON to disk', async () => {
    await using here = await folder();
    const [svg, out] = [join(here.path, 'curve.svg'), join(here.path, 'curve.json')];
    const ended = await plusx([
      'curve',
      'arithmetic',
      '-m',
      'enumerable',
      '-p',
      'selfConsistency',
      '--over',
      'n=1,9',
      '--limit',
      '20',
      '--svg',
      svg,
      '--out',
      out,
    ]);
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/n +accuracy +95% interval +pass@n/);
    expect(ended.out).toMatch(/^ +9 +\d+\.\d% /m);
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg /);
    expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({ task: 'arithmetic', items: 20, method: 'pool' });
  });

  it('knows the oracle here only, and says what it is', async () => {
    const oracle = ['-m', 'enumerable', '-p', 'bestOfN(score=oracle)'];
    const [shown, asJson, evaluated] = await Promise.all([
      plusx(['curve', 'arithmetic', ...oracle, '--over', 'n=1,4', '--limit', '8']),
      plusx(['curve', 'arithmetic', ...oracle, '--over', 'n=1,4', '--limit', '8', '--json']),
      plusx(['eval', 'arithmetic', ...oracle]),
    ]);
    expect(shown.out).toContain('oracle knows the right answers');
    const document = json(asJson) as { oracle: boolean; curve: Point[] };
    expect(document.oracle).toBe(true);
    for (const { accuracy, pass } of document.curve) expect(accuracy).toBeCloseTo(pass as number, 12);
    expect(evaluated.code).toBe(2);
    expect(evaluated.err).toContain('Unknown scorer "oracle"');
  });

  it('refuses an option that no technique has', async () => {
    const { code, err } = await plusx([
      'curve',
      'arithmetic',
      '-m',
      'enumerable',
      '-p',
      'selfRefine',
      '--over',
      'n=1,2',
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/^plusx: .*an option that no technique.*\n$/);
  });

  it('is kept as a run, and goes on with what is there', async () => {
    await using here = await folder();
    const at = { cwd: here.path };
    const args = [
      'curve',
      'arithmetic',
      '-m',
      'enumerable',
      '-p',
      'selfConsistency',
      '--limit',
      '3',
      '--run',
      'c',
      '--json',
    ];
    const first = json(await plusx([...args, '--over', 'n=1,3'], at));
    const second = json(await plusx([...args, '--over', 'n=1,3'], at));
    expect(first).toMatchObject({ run: 'c', usage: { calls: 9, replays: 0 } });
    expect(second).toMatchObject({ usage: { calls: 9, replays: 9 } });
    // What it found is kept beside its calls, and once: the studio shows it.
    const store = openStore(join(here.path, '.plusx/store.db'));
    expect(await store.runs.items('c')).toMatchObject([
      {
        item: 'curve 1',
        status: 'ok',
        result: { formula: expect.any(String) as unknown, curve: [{ n: 1 }, { n: 3 }] },
      },
    ]);
    await store.close();
    const shown = await plusx(['runs', 'show', 'c'], at);
    expect([shown.code, shown.err]).toEqual([0, '']);
    expect(shown.out).toMatch(/enumerable \+ selfConsistency[\s\S]*accuracy[\s\S]*\n {2}3 /);
    expect((await plusx([...args, '--over', 'n=1,4'], at)).err).toContain('c');
    expect((await plusx([...args, '--over', 'n=1,4'], at)).code).not.toBe(0);
  });

  it('draws several formulas, with what the same draws give without X beside them', async () => {
    await using here = await folder();
    const svg = join(here.path, 'curves.svg');
    const args = [
      'curve',
      'arithmetic',
      '-m',
      'enumerable',
      '-p',
      'selfRefine',
      '--over',
      'rounds=1,2',
      '--limit',
      '6',
      '--baselines',
      '--x',
      'tokens',
    ];
    const ended = await inTerminal([...args, '--svg', svg, '--label', 'refined', '--json', '--quiet']);
    const { curves } = JSON.parse(ended.out) as {
      curves: { formula: string; over: string; method: string; curve: Point[]; spending: { calls: number } }[];
    };
    expect(curves.map(({ formula, curve }) => [formula.replace('enumerable + ', ''), curve.map(({ n }) => n)])).toEqual(
      [
        ['selfRefine', [1, 2]],
        ['selfConsistency', [1, 2, 4]], // up to the five calls of two rounds
        ['bestOfN(score=confidence)', [1, 2, 4]],
        ['request(temperature=0)', [1]],
      ],
    );
    // The draws of the vote and of best-of-n are the same, and the first of them is the draft: they are made once.
    expect(curves[2]?.spending).toMatchObject({ replays: curves[2]?.spending.calls });
    const picture = await readFile(svg, 'utf8');
    expect(picture).toContain('tokens an item');
    expect([...picture.matchAll(/<circle/g)]).toHaveLength(9);
    expect(picture).toContain('refined');
  });

  it('leaves out baselines that the model cannot have, and says why', async () => {
    await using here = await folder();
    const pool = `pool:${await here.write('pool.jsonl', POOL)}`;
    const ended = await inTerminal([
      'curve',
      pool,
      '-p',
      'bestOfN(score=length)',
      '--over',
      'n=1,2',
      '--baselines',
      '--json',
    ]);
    const { curves } = JSON.parse(ended.out) as { curves: { formula: string }[] };
    expect(curves.map(({ formula }) => formula)).toEqual([
      `${pool} + bestOfN(score=length)`,
      `${pool} + selfConsistency`,
    ]);
    expect(ended.err).toContain('bestOfN(score=confidence) is not drawn: ');
    expect(ended.err).toContain('recorded samples have the temperature they have');
  });

  it('measures time where that is asked for: each value by itself', async () => {
    const ended = await inTerminal([
      'curve',
      'arithmetic',
      '-m',
      'enumerable',
      '-p',
      'selfConsistency',
      '--over',
      'n=1,3',
      '--limit',
      '4',
      '--x',
      'seconds',
      '--json',
    ]);
    const { curve, method, spending } = JSON.parse(ended.out) as {
      curve: (Point & { secondsPerItem: number })[];
      method: string;
      spending: { calls: number; replays: number };
    };
    expect(method).toBe('runs');
    expect(curve.every(({ secondsPerItem }) => secondsPerItem > 0)).toBe(true);
    expect(spending).toMatchObject({ calls: 4 * (1 + 3), replays: 0 });
  });
});
