import { describe, expect, it } from 'vitest';
import { preferenceIn } from './preference.ts';

describe('of two, by letters', () => {
  const of = (reply: string) => preferenceIn(reply, { count: 2, by: 'letter', tie: true });
  it.each([
    'A',
    'A.',
    '"A"',
    '(A)',
    '[A]',
    '**A**',
    '[[A]]',
    'Answer A',
    'Better: A',
    '**Better: A**',
    'Better: **A**',
    'a',

    'better: a',
    'Better: answer A',
    'Better answer: A',
    'The better answer is A.',
    'Verdict: A',
    'Winner: Answer A',
    'My final verdict is: A',
    'A is better than B.',
    'Answer A is better.',
    'I prefer A.',
    'A > B',
    'Choice: A',

    'The first one is better.',
    'The first answer is better.',
    'Reply A is closer to what is wanted.',
    '<think>B</think>A',
    'Better: B\nNo.\nBetter: A',
    'B is good. A is better.',
    'I think A is the best, since B lacks detail.',

    'A\n\nB lacks detail.',
    'Both are long.\nBetter: A',
    'Better: A because it is right',
    'Better: A\n\nI hope this helps!',
  ])('%j: the first', (reply) => expect(of(reply)).toBe(0));

  it.each([
    'B',
    'Better: B',
    'The second answer is better.',
    'B > A',
    'Reply B',
    'The winner is B',
    'A is not better. B is better.',
    'I would go with B',
    '**B** is the better answer',
  ])('%j: the second', (reply) => expect(of(reply)).toBe(1));

  it.each([
    'TIE',
    'tie.',
    'Better: TIE',
    '**Better:** tie',
    'It is a tie.',
    'Both are equally good.',
    'Verdict: a draw',
    'They are equal.',
  ])('%j: a tie', (reply) => expect(of(reply)).toBe('tie'));

  it.each([
    '',
    ' ',
    'A and B',
    'A or B?',
    'Both are fine.',
    'A is not better.',
    'C',
    'Better: C',
    'A dog is nice',
    'Hm.',

    'A is better. B is better.',
    'I cannot tell.',
    'Better: A or B',
    '<think>A',
    'Better:',
    'A better answer is hard to find',
  ])('%j: none', (reply) => expect(of(reply)).toBeUndefined());

  it('has no tie where none may be said', () => {
    expect(preferenceIn('tie', { count: 2, by: 'letter' })).toBeUndefined();
  });
});

describe('of three, by numbers', () => {
  const of = (reply: string) => preferenceIn(reply, { count: 3, by: 'number' });
  it.each([
    '2',
    '2.',
    '#2',
    '**2**',
    'Answer 2',
    'Choice 2',
    'Model: 2',
    'Most consistent: 2',
    '**Most consistent:** Answer 2.',
    'They say much the same.\nMost consistent: 2',
    '"Most consistent: 1" would be wrong.\nMost consistent: 2',
    'The best is #2',
    'Answer 2 is the most consistent',
    'the second is best',
    'The second',
    'Best: candidate 2',
  ])('%j: the second', (reply) => expect(of(reply)).toBe(1));

  it.each([
    '',
    'I cannot tell.',
    'Most consistent: 9',
    '0',
    '4',
    '2 or 3',
    'There are 3 of them, and 2 agree.',
    '2.5',
    '20%',
    'Answer 1 is best. Answer 2 is best.',
    'Answer 2 is not the best.',
  ])('%j: none', (reply) => expect(of(reply)).toBeUndefined());
});

it('what is denied is no preference, wherever it stands and however long the reply is', () => {
  const of = (reply: string) => preferenceIn(reply, { count: 2, by: 'letter', tie: true });
  const why = 'since its second step is wrong and nothing that follows from it can be right either';
  expect(of(`I do not prefer A, ${why}`)).toBeUndefined();
  expect(of(`I prefer A, ${why}`)).toBe(0);
  expect(of(`It is not so easy to say, ${why}, but I prefer A`)).toBe(0);
  expect(of(`${why}, so I do not prefer A`)).toBeUndefined();
});
