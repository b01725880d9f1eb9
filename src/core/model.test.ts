import { expect, it } from 'vitest';
import { meet, type Capabilities } from './model.ts';

const ALL: Capabilities = { logprobs: true, continueFrom: true, score: true, next: true, concurrency: 8 };

it.each(['logprobs', 'continueFrom', 'score', 'next'] as const)(
  'two models have %s together where both have it',
  (what) => {
    const without: Capabilities = { ...ALL, [what]: false };
    expect(meet(ALL, ALL)).toEqual(ALL);
    expect([meet(ALL, without), meet(without, ALL), meet(without, without)]).toEqual([without, without, without]);
  },
);

it('two models are asked as much at once as the lesser of them bears', () => {
  expect(
    [meet(ALL, { ...ALL, concurrency: 2 }), meet({ ...ALL, concurrency: 2 }, ALL)].map(
      ({ concurrency }) => concurrency,
    ),
  ).toEqual([2, 2]);
});
