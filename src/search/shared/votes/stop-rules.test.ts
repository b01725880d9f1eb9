import { array, assert, constantFrom, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../core/index.ts';
import { answerOf } from '../../../core/reading/equality.ts';
import { coinTosses } from '../closed-forms.law.ts';
import { runningVote, type RunningVote } from './running-vote.ts';
import { agreedIn, betaMajority, settled, type StopRule } from './stop-rules.ts';

/** A vote over these answers, counted one by one. */
const voteOf = (answers: Iterable<string | null>): RunningVote => {
  const vote = runningVote();
  for (const answer of answers) vote.add(answer === null ? undefined : answerOf(answer));
  return vote;
};

describe('the Beta rule', () => {
  it('has the published values', () => {
    expect([1, 2, 3, 4].map((v) => betaMajority(v, 0))).toEqual([0.75, 0.875, 0.9375, 0.96875]);
    expect(['a', 'aa', 'aaa', 'aaaa'].map((votes) => settled(0.95).stops(voteOf(votes)))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('is the binomial sum, to 1e-9', () => {
    for (let v1 = 0; v1 <= 60; v1++)
      for (let v2 = 0; v2 <= 60; v2++) expect(Math.abs(betaMajority(v1, v2) - coinTosses(v1, v2))).toBeLessThan(1e-9);
    for (const [v1, v2] of [
      [1000, 960],
      [700, 600],
      [2000, 0],
    ] as const)
      expect(Math.abs(betaMajority(v1, v2) - coinTosses(v1, v2))).toBeLessThan(1e-9);
  });

  it('is I_1/2 by integration as well', () => {
    for (const [v1, v2] of [
      [3, 1],
      [5, 4],
      [9, 2],
    ] as const) {
      const density = (x: number): number => x ** v1 * (1 - x) ** v2;
      const steps = 20_000;
      let below = 0;
      let above = 0;
      for (let i = 0; i < steps; i++) {
        below += density((i + 0.5) / (2 * steps));
        above += density(0.5 + (i + 0.5) / (2 * steps));
      }
      expect(Math.abs(betaMajority(v1, v2) - above / (above + below))).toBeLessThan(1e-8);
    }
  });

  // The share of the majority, the rest shared by two other answers, and how many of 40 votes are taken on average.
  it.each([
    [0.95, 4.71],
    [0.8, 7.55],
    [0.6, 17.84],
    [0.5, 27.6],
  ])('stops at a majority share of %f after %f of 40 votes on average', (share, published) => {
    const choice = seeded(`share ${share}`);
    const runs = 10_000;
    let votes = 0;
    for (let run = 0; run < runs; run++) {
      const vote = runningVote();
      do vote.add(answerOf('abc'[choice.categorical([share, (1 - share) / 2, (1 - share) / 2])] as string));
      while (vote.count < 40 && !settled(0.95).stops(vote));
      votes += vote.count;
    }
    expect(Math.abs(votes / runs / published - 1)).toBeLessThan(0.02);
  });
});

describe('what a stop rule needs at least', () => {
  const answers = array(constantFrom('a', 'b', 'c', null), { maxLength: 24 });
  const rule = oneof(constantFrom(0.6, 0.9, 0.95, 0.999).map(settled), integer({ min: 2, max: 6 }).map(agreedIn));
  const left = integer({ min: 1, max: 30 });
  const most = (rule: StopRule, seen: readonly (string | null)[]): number => rule.needs(voteOf(seen), 30);

  it('is where it can stop, and never sooner', () => {
    assert(
      property(rule, answers, (stopping, seen) => {
        const needed = most(stopping, seen);
        for (const answer of ['a', 'b', 'c', 'd', null])
          for (let more = 1; more < needed; more++)
            expect(stopping.stops(voteOf([...seen, ...Array.from({ length: more }, () => answer)]))).toBe(false);
      }),
    );
  });

  it('is one at least, and never more than are left, but for a window', () => {
    assert(
      property(constantFrom(0.6, 0.95, 1).map(settled), answers, left, (stopping, seen, rest) => {
        const needed = stopping.needs(voteOf(seen), rest);
        expect(needed).toBeGreaterThanOrEqual(1);
        expect(needed).toBeLessThanOrEqual(rest);
      }),
    );
  });

  it.each([
    ['a', 3],
    ['aaa', 1],
    ['ab', 5],
    ['', 4],
  ])('after "%s" is %i', (seen, needed) => {
    expect(settled(0.95).needs(voteOf(seen), 40)).toBe(needed);
  });
});
