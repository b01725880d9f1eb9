import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ask, plus, questionOf, type Host } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { rewards } from './bradley-terry.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { remember } from '../mem-prompt/mem-prompt.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './prefer.law.ts';
import { prefer } from './prefer.ts';

testLaw(law);

it('finds the strengths that comparisons were made with', () => {
  const strengths = [1, 2, 4, 0.5];
  const many = 1e6;
  const wins = strengths.map((a, i) => strengths.map((b, j) => (i === j ? 0 : (many * a) / (a + b))));
  const found = rewards(wins);
  const mean = strengths.reduce((sum, s) => sum + Math.log(s), 0) / 4;
  found.forEach((reward, i) => expect(reward).toBeCloseTo(Math.log(strengths[i] as number) - mean, 5));
});

it('is stationary: each candidate wins as often as its reward says, the prior counted in', () => {
  const table = fc.array(fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(table, (wins) => {
      const r = rewards(wins).map(Math.exp);
      wins.forEach((row, i) => {
        let won = 0;
        let expected = 0;
        row.forEach((count, j) => {
          if (i === j) return;
          const games = count + ((wins[j] as number[])[i] as number) + 1;
          won += count + 0.5;
          expected += (games * (r[i] as number)) / ((r[i] as number) + (r[j] as number));
        });
        expect(won).toBeCloseTo(expected, 6);
      });
    }),
    { numRuns: 50, seed: 5 },
  );
  expect(rewards([])).toEqual([]);
  expect(rewards([[0]])).toEqual([0]);
});

/** Draws `1`, `2`, `3` and prefers the longer-lived rule: the larger number, told by the prompt. */
const model = () =>
  scripted(({ prompt }, { index }) => {
    const [, a, b] = /Reply A:\n(\d)\n\nReply B:\n(\d)/.exec(questionOf(prompt)) ?? [];
    return a === undefined || b === undefined ? `${index + 1}` : a > b ? 'A' : 'Reply B.';
  });

it('keeps the preferred one, and says which principles it followed', async () => {
  const memory = memoryOf();
  await remember(memory, 'default', 'Which number?', 'large numbers please');
  const host: Host = { memory };
  const judged = model();
  const { text, sample, usage } = await ask(
    plus(judged, prefer({ n: 3, pick: 'best', principles: 'be short' })),
    'Which number?',
    { host },
  );
  expect(text).toBe('3');
  expect(usage.calls).toBe(3 + 3 * 2);
  expect(sample.providerMetadata?.['plusx']).toMatchObject({ principles: ['be short', 'large numbers please'] });
  expect(questionOf(judged.calls.at(-1)?.request.prompt ?? [])).toContain('- be short\n- large numbers please');
});

it('cancels out a judge that likes the first, and takes silence for a tie', async () => {
  for (const [says, warnings] of [
    ['A', []],
    ['Both are fine.', ['no-verdict']],
  ] as const) {
    const partial = scripted(({ prompt }, { index }) => (questionOf(prompt).includes('Reply A:') ? says : `${index}`));
    const answer = await ask(plus(partial, prefer({ n: 3, pick: 'best', principles: 'short' })), 'q');
    expect(answer.text).toBe('0'); // all equal: the first
    expect(answer.sample.providerMetadata?.['plusx']).toMatchObject({ reward: 0 });
    expect([...new Set(answer.warnings.map(({ code }) => code))]).toEqual(warnings);
  }
});

it('counts what a budget left unjudged as a tie', async () => {
  const { text, exhausted } = await ask(plus(model(), prefer({ n: 3, pick: 'best', principles: 'large' })), 'q', {
    budget: { calls: 4 },
  });
  expect(exhausted).toBe('calls');
  expect(text).toBe('2'); // only 1 against 2 was judged, and in one order
});
