import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Distribution } from './distribution.ts';
import { answerRows, fullLine } from './rows.ts';

const side = (shares: readonly (readonly [answer: string | null, probability: number])[]): Distribution => ({
  exact: false,
  paths: undefined,
  samples: 10,
  answers: shares.map(([answer, probability]) => ({ answer, probability, ci95: undefined })),
  callsPerAnswer: 1,
  tokensPerAnswer: undefined,
  usdPerAnswer: undefined,
});

it('the rows are the same, whichever answer was drawn first', () => {
  const answers = fc.uniqueArray(fc.tuple(fc.option(fc.string({ maxLength: 3 })), fc.constantFrom(0.1, 0.2)), {
    selector: ([answer]) => answer,
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      answers.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      fc.integer({ min: 1, max: 12 }),
      ([drawn, again], most) => {
        expect(answerRows([side(again)], most).map(({ answer, others }) => [answer, others])).toEqual(
          answerRows([side(drawn)], most).map(({ answer, others }) => [answer, others]),
        );
      },
    ),
  );
});

it('no bar and no interval goes beyond the end of its line', () => {
  const row = (shares: readonly number[], intervals: readonly (readonly [number, number] | undefined)[]) => ({
    shares,
    intervals,
  });
  expect(fullLine([row([0.3, 0], [[0.1, 0.5], undefined]), row([0.2], [undefined])])).toBe(0.5);
  expect(fullLine([row([1], [undefined])])).toBe(1);
  expect(fullLine([row([0], [undefined])])).toBeGreaterThan(0);
});
