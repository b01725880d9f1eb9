import { describe, expect, it } from 'vitest';
import { extractAnswer, NO_USAGE, plus, questionOf, scorer, user } from '../../core/index.ts';
import { selfRefine } from '../../iterate/self-refine/self-refine.ts';
import { enumerable } from '../../models/written/index.ts';
import { poolModel, type Pool } from '../../models/pool/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { recordedMetric, type Item, type Task } from '../../tasks/index.ts';
import { curveSvg } from './chart.ts';
import type { Curve, CurvePoint, CurveProgress } from './result.ts';
import { curve } from './curve.ts';
import { evaluate } from '../eval.ts';

const ITEMS = Array.from({ length: 6 }, (_, i): Item => ({
  id: String(i),
  request: { prompt: [user(`question ${i}`)] },
  expected: 'right',
}));
const task: Task = {
  name: 'six',
  items: ITEMS,
  metric: {
    name: 'exact',
    grade: (sample, { request, expected }) => Number(extractAnswer(sample, request) === expected),
  },
};
const model = enumerable({ answers: () => ({ right: 5, wrong: 3, worse: 2 }) });

const items = ITEMS.map(({ id, request }, i) => ({
  id,
  question: questionOf(request.prompt),
  gold: 'right',
  samples: Array.from({ length: 9 }, (_, j) => {
    const answer = j < 2 + i ? 'right' : j === 8 ? null : `wrong ${j % 2}`;
    return { text: String(answer), answer, correct: answer === 'right' };
  }),
}));
const pool: Pool = {
  name: 'pool:x',
  file: 'x',
  items,
  find: ({ prompt }) => items.find(({ question }) => question === questionOf(prompt)) ?? items[0]!,
};
const recordedTask: Task = { ...task, metric: recordedMetric(pool) };
const recorded = poolModel(pool, { replacement: false });
const length = scorer('length', (sample) => (sample.answer ?? '').length);

describe('one pool for the whole curve', () => {
  it('gives what the technique itself gives at each value, over many orders', async () => {
    const techniques = [(n: number) => selfConsistency({ n }), (n: number) => bestOfN({ n, score: length })];
    for (const technique of techniques) {
      const { curve: points, method } = await curve(plus(recorded, technique(1)), recordedTask, {
        over: { n: [1, 2, 3, 5, 9] },
      });
      expect(method).toBe('pool');
      for (const { n, accuracy, samplesPerItem } of points) {
        const run = await evaluate(plus(recorded, technique(n)), recordedTask, { repeats: 400 });
        expect(Math.abs(run.accuracy - accuracy)).toBeLessThan(0.04);
        expect(samplesPerItem).toBe(n);
      }
    }
  });

  it('draws the largest n once, and knows tokens and money of every point', async () => {
    const seen: CurveProgress[] = [];
    const result = await curve(plus(model, selfConsistency()), task, {
      over: { n: [8, 1, 4, 4] },
      onItem: (progress) => seen.push(progress),
    });
    expect(result.usage.calls).toBe(6 * 8);
    expect(result.curve.map(({ n }) => n)).toEqual([1, 4, 8]);
    const [one, , eight] = result.curve;
    expect(eight?.tokensPerItem).toBeCloseTo((one?.tokensPerItem ?? 0) * 8, 9);
    expect(one?.usdPerItem).toBe(0);
    expect(one?.accuracy).toBeCloseTo(one?.pass ?? 0, 12);
    expect(eight?.pass).toBeGreaterThan(0.9);
    expect(seen.at(-1)).toMatchObject({ done: 6, total: 6, failed: 0 });
    expect(await curve(plus(model, selfConsistency()), task, { over: { n: [1, 4, 8] } })).toEqual(result);
  });

  it('counts what a scorer costs', async () => {
    const judged = scorer('judge', async (_, request, context) => {
      const { samples } = await model.sample(request, context);
      return samples.length;
    });
    const result = await curve(plus(model, bestOfN({ score: judged })), task, { over: { n: [4] } });
    expect(result.usage.calls).toBe(6 * 8);
    expect(result.curve[0]?.samplesPerItem).toBe(4);
  });

  it('counts items of one group as one, whichever way the points come', async () => {
    const grouped: Task = { ...task, items: ITEMS.map((item, i) => ({ ...item, group: `${i % 2}` })) };
    for (const [technique, over] of [
      [selfConsistency({ n: 1 }), { n: [1] }],
      [selfRefine({ rounds: 1 }), { rounds: [1] }],
    ] as const) {
      const [one] = (await curve(plus(model, technique), grouped, { over })).curve;
      const [apart] = (await curve(plus(model, technique), task, { over })).curve;
      expect(one?.accuracy).toBe(apart?.accuracy);
      const width = ([lo, hi]: readonly [number, number] = [0, 0]): number => hi - lo;
      expect(width(one?.ci95)).toBeGreaterThan(1.2 * width(apart?.ci95));
    }
  });

  it('stops at the size of a recorded pool, and says so', async () => {
    const { curve: points, warnings } = await curve(plus(recorded, selfConsistency()), recordedTask, {
      over: { n: [1, 9, 16, 64] },
    });
    expect(points.map(({ n }) => n)).toEqual([1, 9]);
    expect(warnings.map(({ message }) => message).join()).toContain('n=16, 64 cannot be estimated, and n=9 stands');
    expect(points[0]?.tokensPerItem).toBeUndefined();
  });

  it('a budget that cuts pools short is told', async () => {
    const { warnings, exhausted, usage } = await curve(plus(model, selfConsistency()), task, {
      over: { n: [1, 8] },
      budget: { calls: 44 },
    });
    expect([usage.calls, exhausted]).toEqual([44, 'calls']);
    expect(warnings.map(({ code }) => code)).toContain('pool-uneven');
  });
});

it('is drawn with the seed that it is given, and with 0 where it is given none', async () => {
  const voted = plus(model, selfConsistency());
  const drawn = async (seed?: number) => {
    const found = await curve(voted, task, { over: { n: [1, 3] }, ...(seed !== undefined && { seed }) });
    return [found.seed, found.curve.map(({ accuracy }) => accuracy)];
  };
  expect(await drawn()).toEqual(await drawn(0));
  expect((await drawn(3))[0]).toBe(3);
  expect((await drawn(3))[1]).not.toEqual((await drawn(0))[1]);
});

describe('a run for each point', () => {
  it('where the technique is no function of a pool', async () => {
    const adaptive = plus(model, selfConsistency({ stop: 'adaptive' }));
    const result = await curve(adaptive, task, { over: { n: [1, 5, 20] } });
    expect(result.method).toBe('runs');
    const single = await evaluate(plus(model, selfConsistency({ n: 20, stop: 'adaptive' })), task);
    expect(result.curve.at(-1)).toMatchObject({ accuracy: single.accuracy, samplesPerItem: single.samplesPerItem });
    expect(result.usage.replays).toBeGreaterThan(0); // the points share their draws
    expect(result.spending.calls).toBe(result.usage.calls - result.usage.replays); // and each is charged once
  });

  it('over any option of any technique in the model', async () => {
    const seen: CurveProgress[] = [];
    const refined = plus(model, selfRefine(), selfConsistency({ n: 3 }));
    const { curve: points, over } = await curve(refined, task, {
      over: { rounds: [1, 2] },
      onItem: (progress) => seen.push(progress),
    });
    expect([over, points.length]).toEqual(['rounds', 2]);
    expect(points[0]?.pass).toBeUndefined();
    expect(seen.at(-1)).toMatchObject({ done: 12, total: 12 });
  });

  it('knows pass@n over a recorded pool all the same', async () => {
    const adaptive = plus(recorded, selfConsistency({ stop: 'adaptive' }));
    const { curve: points } = await curve(adaptive, recordedTask, { over: { n: [1, 9] }, repeats: 3 });
    const fixed = await curve(plus(recorded, selfConsistency()), recordedTask, { over: { n: [1, 9] } });
    expect(points.map(({ pass }) => pass)).toEqual(fixed.curve.map(({ pass }) => pass));
  });
});

it('says what is wrong with what to vary', async () => {
  const vote = plus(model, selfConsistency());
  await expect(curve(model, task, { over: { n: [1] } })).rejects.toThrow('needs a technique');
  await expect(curve(vote, task, { over: {} })).rejects.toThrow('must name one option');
  await expect(curve(vote, task, { over: { n: [] } })).rejects.toThrow('at least one value');
  await expect(curve(vote, task, { over: { m: [1] } })).rejects.toThrow('names m, an option that no technique');
  await expect(curve(vote, task, { over: { n: [0, 1] } })).rejects.toThrow('n must be a positive integer, got 0');
});

describe('the picture', () => {
  it('is well-formed, names what it shows, and holds every point', async () => {
    const vote = await curve(
      plus(model, selfConsistency()),
      { ...task, name: 'a <b> & "c"' },
      { over: { n: [1, 4, 16] } },
    );
    const best = await curve(plus(model, bestOfN({ score: length })), task, { over: { n: [1, 2] } });
    const svg = curveSvg([vote, best], { labels: ['votes'] });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
    expect(svg).toContain('votes');
    expect(svg).toContain(best.formula);
    expect(svg.match(/<circle /g)).toHaveLength(5);
    const open = svg.match(/<(?!\/|desc|title)\w+[^>]*[^/]>/g)?.length;
    expect(open).toBe(svg.match(/<\/(?!desc|title)\w+>/g)?.length);
    expect(curveSvg([vote], { pass: false })).not.toContain('pass@n');
  });

  it('stands at what an answer took, where that is asked for, and draws one pass@n once', async () => {
    const [voted, best] = await Promise.all(
      [selfConsistency(), bestOfN({ score: length })].map((technique) =>
        curve(plus(model, technique), task, { over: { n: [1, 4] } }),
      ),
    );
    const both = [voted, best].flatMap((one) => one ?? []);
    const byTokens = curveSvg(both, { x: 'tokens', title: 'Mine & yours', labels: ['vote', 'best'] });
    expect(byTokens).toContain('tokens an item');
    expect(byTokens).toContain('>Mine &amp; yours</text>');
    expect(byTokens).toContain('>vote</text>');
    const tokens = Math.round(both[0]?.curve[1]?.tokensPerItem ?? 0);
    expect(byTokens).toContain(`>${tokens}</text>`);
    expect(curveSvg(both, { x: 'usd' })).toContain('US dollars an item');
    expect(curveSvg(both).match(/pass@n of/g)).toHaveLength(1);
    expect(curveSvg(both)).toMatch(/<rect class="ground" width="760" height="\d+"\/>/);
  });

  it('has the points over the items that were done when it is stopped, if that is asked for', async () => {
    const stop = new AbortController();
    const stopped = (partial: boolean): Promise<Curve> => {
      const ended = new AbortController();
      return curve(plus(model, selfConsistency()), task, {
        over: { n: [1, 3] },
        partial,
        concurrency: 1,
        signal: ended.signal,
        onItem: ({ done }) => (done === 2 ? ended.abort(new Error('enough')) : undefined),
      });
    };
    const { items, total, curve: points, failed } = await stopped(true);
    expect([items, total, failed, points.map(({ n }) => n)]).toEqual([2, 6, 0, [1, 3]]);
    await expect(stopped(false)).rejects.toThrow('enough');
    const runs = await curve(plus(model, selfRefine()), task, {
      over: { rounds: [1, 2] },
      partial: true,
      signal: stop.signal,
      onItem: ({ done }) => (done === 8 ? stop.abort(new Error('enough')) : undefined),
    });
    expect(runs.curve.map(({ n }) => n)).toEqual([1]);
  });

  it('is drawn as it is on record', async () => {
    const point = (n: number, accuracy: number, pass?: number): CurvePoint => {
      const ci95 = [Math.max(0, accuracy - 0.1 / n), Math.min(1, accuracy + 0.1)] as const;
      return { n, accuracy, ci95, pass, samplesPerItem: n, tokensPerItem: 10 * n, usdPerItem: undefined };
    };
    const drawn = (over: string, points: readonly CurvePoint[]): Curve => ({
      task: 'six',
      model: 'base',
      formula: `base + technique(${over}=1)`,
      metric: 'exact',
      over,
      run: undefined,
      seed: 0,
      items: 6,
      total: 6,
      method: 'pool',
      curve: points,
      usage: NO_USAGE,
      spending: NO_USAGE,
      failed: 0,
      exhausted: undefined,
      warnings: [],
    });
    const wide = drawn(
      'n',
      [1, 2, 4, 8, 64].map((n) => point(n, 0.3 + 0.1 * Math.log2(n), 1 - 0.7 ** n)),
    );
    const even = drawn(
      'rounds',
      [0, 1, 2, 3].map((n) => point(n, 0.61 - 0.013 * n)),
    );
    const narrow = drawn('n', [point(3, 0.005), point(5, 0.011, 0.02)]);
    const pictures = [
      curveSvg([wide]),
      curveSvg([wide, even], { labels: ['wide', 'even'] }),
      curveSvg([narrow], { pass: false }),
      curveSvg([drawn('n', [point(7, 1)])]),
    ];
    await expect(`${pictures.join('\n\n')}\n`).toMatchFileSnapshot('../test-support/curves.svg.txt');
  });

  it('can be drawn of one point, of nothing right, and over 0', async () => {
    const wrong = { ...task, metric: { name: 'no', grade: () => 0 } };
    const flat = await curve(plus(model, selfConsistency()), wrong, { over: { n: [3] } });
    const [point] = flat.curve;
    if (!point) throw new Error('no point');
    const fromNothing = { ...flat, over: 'rounds', curve: [0, 1].map((n) => ({ ...point, n, pass: undefined })) };
    for (const one of [flat, fromNothing]) expect(curveSvg([one])).not.toMatch(/NaN|Infinity|undefined/);
  });
});
