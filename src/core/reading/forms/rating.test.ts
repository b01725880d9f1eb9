import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratingIn } from './rating.ts';

describe('a rating from 0 to 10', () => {
  it.each([
    '8',
    ' 8 ',
    '8.',
    '**8**',
    '"8"',
    '[8]',
    '8.0',
    '8/10',
    '8 / 10',
    '8 out of 10',
    '8 of 10',
    '８／１０',
    '+8',
    'I rate this 8 out of 10.',
    'Score: 8 (of 10)',
    'Score: 8\n\nConfidence: 90%',
    'Rating: 8',
    'Rating: **8**/10',
    'The answer scores 8. It has 2 flaws.',
    '**Rating: 8/10**',
    '80%',
    '4/5',
    '4/5 stars',
    '4 out of 5',
    '80/100',

    'eight out of ten',
    'Rating: eight',
    'Rating = 8',
    'Rating (0-10): 8',
    '<rating>8</rating>',
    '8 points',
    '★★★★☆',
    '8 - good but short',
    '8: it is right',
    '8, since it is right',
    'Score: 8/10. The answer is 42.',
    '评分：8',
    'On a scale of 0 to 10, I give this 8.',
    'On a scale from 1 to 10: 8',
    "I'd say 8.",
    'This deserves an 8.',
    'My rating would be 8, because it lacks 2 of 3 steps.',
    'I would give it an 8',
    'The rating is 8',

    'Accuracy: 9/10\nClarity: 7/10\nOverall: 8/10',
    'Step 1 is right. Step 2 is right.\n\n8',
    'Final score: 80/100',

    'Rating: 7-9',
    '7-9',
    '<think>9/10?</think>8',
    '1. It is short\n2. It is right\nRating: 8',
    '| Rating | 8/10 |',

    'The answer 42 is right. Rating: 8',
    '8\n\nI hope this helps!',
    '### Score: 8',
    '- Rating: 8',
    'Bewertung: 8 von 10',
  ])('%j: 8', (reply) => expect(ratingIn(reply)).toBe(8));

  it.each([
    ['0', 0],
    ['10', 10],
    ['8.5', 8.5],
    ['8,5', 8.5],
    ['.5', 0.5],
    ['11/10', 10],
    ['12', 10],
    ['-3', 0],
    ['100%', 10],
    ['Score: 0.8', 0.8],
    ['7-8', 7.5],
  ])('%j: %d', (reply, rating) => expect(ratingIn(reply)).toBe(rating));

  it.each([
    '',
    ' ',
    'Good.',
    'I cannot rate this.',
    'N/A',
    'It has 2 flaws.',
    '8/10 or 6/10',
    '8 or 9?',
    'not an 8/10',
    '1000',
    '85',
    '-50',
    'The answer is 42',
    '10/10/2023',
    '1. It is short\n2. It is right',
    '<think>8',
    'Score: 8\nScore: 3',
    'Accuracy: 9/10\nClarity: 7/10',
    '9'.repeat(400),
    '5/0',
    'Confidence: 90%',
  ])('%j: none', (reply) => expect(ratingIn(reply)).toBeUndefined());

  it('is on the scale that is asked for, whatever scale it is written on', () => {
    expect(ratingIn('4/5', { from: 0, to: 1 })).toBeCloseTo(0.8);
    expect(ratingIn('0.8', { from: 0, to: 1 })).toBe(0.8);
    expect(ratingIn('80', { from: 0, to: 100 })).toBe(80);
    expect(ratingIn('8/10', { from: 0, to: 100 })).toBe(80);
    expect(ratingIn('50%', { from: 1, to: 5 })).toBe(3);
    const form = constantFrom<(n: number) => string>(
      (n) => `${n}/10`,
      (n) => `I would give it ${n} out of 10, for its 3 steps.`,
      (n) => `**Score:** ${n}`,
      (n) => `${10 * n}%`,
      (n) => `It has 4 flaws.\nRating: ${n}/10.`,
    );
    assert(
      property(integer({ min: 0, max: 10 }), form, (n, write) => {
        expect(ratingIn(write(n))).toBe(n);
      }),
    );
  });
});
