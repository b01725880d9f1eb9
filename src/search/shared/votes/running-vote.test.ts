/** Votes that are counted one by one are the classes that all of them have when they are counted at once. */
import { array, assert, constantFrom, integer, option, property, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { classesOf, tally } from '../../../core/index.ts';
import { answerOf, type FinalAnswer } from '../../../core/reading/equality.ts';
import { runningVote } from './running-vote.ts';

/** Answers whose class depends on what else is said: units, percent, literals, options with and without their words. */
const SAYINGS = [
  '5',
  '5.0',
  '5 km',
  '5 m',
  '0.05',
  '5 %',
  '5%',
  '"o"',
  'o',
  "'o'",
  'B',
  'B) Paris',
  'B) Rome',
  'Paris',
  '7',
];
const MARKED = ['m', 'km', '', '5', '0.05', '%'].flatMap((mark) =>
  [5, 0.05].map((x) => ({ text: String(x), base: `n:${x}`, mark })),
);
const answers: readonly FinalAnswer[] = [...SAYINGS.flatMap((text) => answerOf(text) ?? []), ...MARKED];

const atOnce = (votes: readonly (readonly [FinalAnswer | undefined, number])[]) => {
  const classes = tally(
    classesOf(votes.map(([answer]) => answer)),
    votes.map(([, weight]) => weight),
  );
  const counts = classes.map(({ count }) => count).toSorted((a, b) => b - a);
  const answered = classes.filter(({ answer }) => answer !== null);
  return {
    largest: [counts[0] ?? 0, counts[1] ?? 0],
    lead: Math.max(0, ...answered.map(({ weight }) => weight)),
    total: answered.reduce((sum, { weight }) => sum + weight, 0),
  };
};

it('after each vote', () => {
  const vote = tuple(option(constantFrom(...answers), { nil: undefined }), integer({ min: 0, max: 4 }));
  assert(
    property(array(vote, { maxLength: 40 }), integer({ min: 1, max: 4 }), (votes, window) => {
      const running = runningVote();
      votes.forEach(([answer, weight], i) => {
        running.add(answer, weight);
        const seen = votes.slice(0, i + 1);
        expect({ largest: running.largest(), ...running.weights() }).toEqual(atOnce(seen));
        const last = classesOf(seen.map(([one]) => one)).slice(-window);
        const doAgree = last.length === window && last[0] !== null && last.every((one) => one === last[0]);
        expect(running.agree(window)).toBe(doAgree);
        expect(running.count).toBe(i + 1);
      });
    }),
    { numRuns: 300 },
  );
});

it.each([
  ['a unit that comes later takes the numbers without one along', ['5', '5', '5 km'], [3, 0]],
  ['the unit that most have takes them away from the other', ['5 m', '5', '5', '5 km', '5 km'], [4, 1]],
  ['a percent sign joins a fraction', ['0.05', '0.05', '5 %', '7'], [3, 1]],
] as const)('%s', (_, said, largest) => {
  const vote = runningVote();
  for (const text of said) vote.add(answerOf(text));
  expect(vote.largest()).toEqual(largest);
});
