import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../evaluate/distribution/distribution.ts';
import { json, plusx } from '../test-support/plusx.ts';

const QUESTION = 'What is 17 * 24?';
type Document = { before: Distribution; after: Distribution; totalVariation: number; usage: { calls: number } };
const shareOf = ({ answers }: Distribution, wanted: string | null): number =>
  answers.find(({ answer }) => answer === wanted)?.probability ?? 0;

describe.concurrent('plusx show', () => {
  it('is exact for a finite model: a vote of three by hand', async () => {
    const document = json(
      await plusx(['show', QUESTION, '-m', 'enumerable', '-p', 'selfConsistency(n=3)', '--json']),
    ) as Document;
    expect(document.before).toMatchObject({ exact: true, paths: 4, samples: null });
    expect(document.after).toMatchObject({ exact: true, paths: 64, callsPerAnswer: expect.closeTo(3, 12) });
    // 408 leads with three or two votes of its own, with one where it is first of three different ones, and with one
    // where the others abstain; an abstention is no class that leads.
    const p = 0.5;
    const [a, b, none] = [0.25, 0.2, 0.05];
    const three = p ** 3;
    const two = 3 * p ** 2 * (1 - p);
    const firstOfThree = 2 * p * a * b;
    const withOneAbstention = p * none * (a + b) * 3; // of six orders, 408 stands before the other in three
    const withTwo = 3 * p * none ** 2;
    expect(shareOf(document.after, '408')).toBeCloseTo(three + two + firstOfThree + withOneAbstention + withTwo, 12);
    expect(shareOf(document.after, null)).toBeCloseTo(none ** 3, 12);
    expect(document.after.answers.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
  });

  it('draws samples where it is told to, with intervals that hold the exact values', async () => {
    const document = json(
      await plusx([
        'show',
        QUESTION,
        '-m',
        'enumerable',
        '-n',
        '300',
        '--sampled',
        '--seed',
        '2',
        '-p',
        'selfRefine(rounds=1)',
        '--json',
      ]),
    ) as Document;
    expect(document.before).toMatchObject({ exact: false, samples: 300, paths: null, callsPerAnswer: 1 });
    const right = document.before.answers.find(({ answer }) => answer === '408');
    expect(right?.ci95?.[0]).toBeLessThan(0.5);
    expect(right?.ci95?.[1]).toBeGreaterThan(0.5);
    expect(shareOf(document.after, '408')).toBeGreaterThan(0.65);
    const total = 300 * (1 + (document.after.callsPerAnswer ?? 0));
    expect(document.usage.calls).toBeCloseTo(total, 6);
  });

  it('draws bars, and the picture on disk holds the same figures', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plusx-'));
    try {
      const svg = join(folder, 'bars.svg');
      const { code, out } = await plusx([
        'show',
        QUESTION,
        '-m',
        'enumerable',
        '-p',
        'selfConsistency(n=3)',
        '--svg',
        svg,
      ]);
      expect(code).toBe(0);
      expect(out).toContain('exact (64 paths)');
      expect(out).toMatch(/408 +░+ +50\.0%\n +█+.? +\d+\.\d% +\+/);
      const picture = await readFile(svg, 'utf8');
      expect(picture).toMatch(/^<svg [^>]*viewBox/);
      const after = /408: 50\.0% to (\d+\.\d%)/.exec(picture)?.[1];
      expect(out).toContain(String(after));
      expect(picture).not.toContain('class="interval"');
      const drawn = [...(['show', QUESTION, '-m', 'plusx:tiny', '-n', '4', '--svg'] as const), svg];
      expect((await plusx(drawn)).code).toBe(0);
      // What is counted has an interval, as in the studio.
      expect(await readFile(svg, 'utf8')).toContain('class="interval"');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('shows one distribution where nothing is added', async () => {
    const [shown, asJson] = await Promise.all([
      plusx(['show', QUESTION, '-m', 'enumerable']),
      plusx(['show', QUESTION, '-m', 'enumerable', '--json']),
    ]);
    expect(shown.out).not.toContain('after');
    expect(json(asJson)).toMatchObject({ after: null, totalVariation: null });
  });

  it('samples where there are too many paths to visit', async () => {
    const document = json(
      await plusx(['show', QUESTION, '-m', 'enumerable', '-p', 'selfConsistency(n=25)', '-n', '20', '--json']),
    ) as Document;
    expect(document.before.exact).toBe(true);
    expect(document.after).toMatchObject({ exact: false, samples: 20, callsPerAnswer: 25 });
  });
});
