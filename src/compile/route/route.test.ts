/** Panels: who is asked, whose answer stands, how sure a first answer is, and which panel is proposed. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../core/index.ts';
import { shrunk } from '../search/prior.ts';
import { chanceOf, fitGate } from './gate.ts';
import { asksOn, electedBy, walked, type Panel } from './panel.ts';
import { proposals, type Column } from './propose.ts';
import type { Seen } from './seen.ts';

const gate = { bias: 0, weights: [], centre: [], scale: [] };
const panel = (weights: readonly number[], threshold = 2): Panel => ({ gate, threshold, weights });
const seen = (...answers: (string | null)[]): Seen[] => answers.map((answer) => ({ answer, length: 10 }));

describe('a panel', () => {
  it.each([
    ['two that agree end it', [1, 1, 1], ['a', 'a', 'b'], 2, 0],
    ['the third decides', [1, 1, 1], ['a', 'b', 'b'], 3, 1],
    ['of three different answers the first stands', [1, 1, 1], ['a', 'b', 'c'], 3, 0],
    ['what could only draw level is not asked', [1, 1, 1], ['a', null, 'b'], 2, 0],
    ['what has no answer does not stand', [1, 1, 1], [null, 'b', 'c'], 2, 1],
    ['a heavy vote outweighs two light ones', [3, 1, 1], ['a', 'b', 'b'], 1, 0],
    ['nobody has an answer', [1, 1], [null, null], 2, 0],
  ] as const)('%s', (_, weights, answers, asked, elected) => {
    const found = walked(panel([...weights], weights[0] > 1 ? 0.4 : 2), seen(...answers));
    expect(found).toEqual({ asked, elected });
  });

  it('believes a first answer that is likely enough, and never one that cannot be read', () => {
    expect(walked(panel([1, 1, 1], 0.5), seen('a', 'b', 'b'))).toEqual({ asked: 1, elected: 0 });
    expect(walked(panel([1, 1, 1], 0.5), seen(null, 'b', 'b')).elected).toBe(1);
  });

  it('stops early only where nothing changes: whoever is asked on, the same answer stands', () => {
    const answer = fc.constantFrom('a', 'b', 'c', null);
    fc.assert(
      fc.property(fc.array(fc.tuple(answer, fc.constantFrom(1, 1.5, 2, 3)), { minLength: 2, maxLength: 6 }), (all) => {
        const of = panel(all.map(([, weight]) => weight));
        const answers = seen(...all.map(([one]) => one));
        const { asked, elected } = walked(of, answers);
        const whole = electedBy(of, answers);
        expect(answers[elected]?.answer ?? answers[whole]?.answer).toBe(answers[whole]?.answer);
        expect(asked === all.length || !asksOn(of, answers.slice(0, asked))).toBe(true);
      }),
      { seed: Number(process.env['PLUSX_SEED'] ?? 1) },
    );
  });
});

describe('a gate', () => {
  const examples = (count: number, seed: number) => {
    const choice = seeded(seed);
    return Array.from({ length: count }, (_, i) => {
      const length = 50 + 100 * choice.fork(`length/${i}`).categorical([1, 1, 1, 1, 1]);
      const p = 1 / (1 + Math.exp(1.2 * Math.log1p(length) - 6));
      return { seen: { answer: 'a', length }, grade: choice.fork(`right/${i}`).categorical([1 - p, p]) };
    });
  };

  it('learns from a few dozen examples that short answers are surer here', () => {
    const fitted = fitGate(examples(50, 1));
    expect(chanceOf(fitted, { answer: 'a', length: 60 })).toBeGreaterThan(
      chanceOf(fitted, { answer: 'a', length: 450 }) + 0.2,
    );
    expect(chanceOf(fitted, { answer: null, length: 60 })).toBe(0);
  });

  it('is calibrated: of answers it gives 0.6 to 0.8, that many are right, on others than it was fitted to', () => {
    const bins = new Map<number, { sum: number; right: number; count: number }>();
    for (let seed = 0; seed < 20; seed++) {
      const fitted = fitGate(examples(200, seed));
      for (const { seen: one, grade } of examples(200, 1000 + seed)) {
        const p = chanceOf(fitted, one);
        const bin = bins.get(Math.floor(p * 5)) ?? { sum: 0, right: 0, count: 0 };
        bins.set(Math.floor(p * 5), { sum: bin.sum + p, right: bin.right + grade, count: bin.count + 1 });
      }
    }
    const large = [...bins.values()].filter(({ count }) => count > 200);
    for (const { sum, right, count } of large) expect(Math.abs(sum - right) / count).toBeLessThan(0.05);
    expect(large.length).toBeGreaterThan(2);
  });

  it('knows nothing where all or none were right, and says a number all the same', () => {
    for (const grade of [0, 1]) {
      const fitted = fitGate(examples(20, 3).map(({ seen: one }) => ({ seen: one, grade })));
      const p = chanceOf(fitted, { answer: 'a', length: 100 });
      expect(Math.abs(p - grade)).toBeLessThan(0.2);
    }
    expect(chanceOf(fitGate([]), { answer: 'a', length: 1 })).toBe(0.5);
  });
});

describe('proposals', () => {
  /** Three that err apart: what two of them agree on is right. */
  const columns = (count: number, seed: number): Column[] => {
    const choice = seeded(seed);
    return [0.6, 0.6, 0.6].map((p, i) => {
      const right = Array.from({ length: count }, (_, q) => choice.fork(`${i}/${q}`).categorical([1 - p, p]));
      return {
        seen: right.map((one, q) => ({ answer: one ? 'right' : `wrong ${i} ${q}`, length: one ? 40 : 90 })),
        grades: right,
        cost: 1,
      };
    });
  };

  it('keep within their cost on the labelled questions, and gain by agreement', () => {
    const all = columns(60, 1);
    for (const most of [1.2, 1.6, 2, 3]) {
      const found = proposals(all, { most });
      expect(found).toHaveLength(12);
      for (const { cost, grades, order, panel: of } of found) {
        expect(cost).toBeLessThanOrEqual(most + 1e-9);
        const again = all[0]?.seen.map((_, q) => {
          const { elected } = walked(
            of,
            order.map((i) => all[i]?.seen[q] as Seen),
          );
          return all[order[elected] as number]?.grades[q];
        });
        expect(again).toEqual(grades);
      }
    }
    const best = (most: number): number =>
      Math.max(...proposals(all, { most }).map(({ grades }) => grades.reduce((sum, one) => sum + one, 0)));
    expect(best(3)).toBeGreaterThan(best(1.2));
    expect(best(1.2)).toBeGreaterThan(36);
  });

  it('none where the first alone is too dear', () => {
    expect(
      proposals(
        columns(60, 1).map((one) => ({ ...one, cost: 3 })),
        { most: 2 },
      ),
    ).toEqual([]);
  });
});

describe('a prior of other tasks', () => {
  const known = (means: { readonly [name: string]: number }) => ({ means: new Map(Object.entries(means)), items: 50 });
  const own = known({ a: 0.7, b: 0.72 });

  it('changes nothing where there is no other task, and keeps the mean of the task', () => {
    expect(shrunk(own, []).get('b')).toBeCloseTo(0.72, 12);
    const moved = shrunk(own, [{ ...known({ a: 0.9, b: 0.3 }), weight: 1 }]);
    expect([...moved.values()].reduce((sum, one) => sum + one, 0) / 2).toBeCloseTo(0.71, 12);
  });

  it('counts much where the others foretell each other, and little where they do not', () => {
    const agreeing = Array.from({ length: 8 }, () => ({ ...known({ a: 0.8, b: 0.6 }), weight: 1 }));
    const scattered = Array.from({ length: 8 }, (_, i) => ({
      ...known(i % 2 ? { a: 0.9, b: 0.1 } : { a: 0.1, b: 0.9 }),
      weight: 1,
    }));
    const lead = (from: typeof agreeing): number =>
      (shrunk(own, from).get('a') as number) - (shrunk(own, from).get('b') as number);
    expect(lead(agreeing)).toBeGreaterThan(0.05);
    expect(Math.abs(lead(scattered) + 0.02)).toBeLessThan(0.01);
  });
});
