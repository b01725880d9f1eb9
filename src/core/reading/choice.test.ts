import { assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choiceIn, optionsIn } from './choice.ts';

const QUESTION = 'Which is the capital of Italy?\nA) Paris\nB) Rome\nC) Bern\nD) New Rome';
const OPTIONS = optionsIn(QUESTION);

describe('the options of a question', () => {
  it.each([
    [QUESTION],
    ['Which?\n(A) Paris\n(B) Rome\n(C) Bern\n(D) New Rome'],
    ['Which? A. Paris B. Rome C. Bern D. New Rome'],
    ['Which? (a) Paris (b) Rome (c) Bern (d) New Rome'],
    ['Which?\n- A: Paris\n- B: Rome\n- C: Bern\n- D: New Rome\n\nReply with a letter.'],
    ['Which?\n**A.** Paris\n**B.** Rome\n**C.** Bern\n**D.** New Rome'],
  ])('%j', (question) => {
    expect(optionsIn(question)).toEqual(
      ['Paris', 'Rome', 'Bern', 'New Rome'].map((text, i) => ({ label: 'ABCD'[i], text })),
    );
  });

  it('are none where there are none', () => {
    for (const question of ['', 'What is 2 + 2?', 'I like A. It is a letter.']) expect(optionsIn(question)).toEqual([]);
    expect(optionsIn('Pick:\n1. red\n2. blue').map(({ label }) => label)).toEqual(['1', '2']);
  });
});

describe('the option that a reply picks', () => {
  it.each([
    'B',
    'b',
    '(B)',
    '(b)',
    'B.',
    'B)',
    '**B**',
    '`B`',
    'B) Rome',
    'B. Rome',
    '**B.** Rome',
    'B: Rome',
    'Option B',
    'The answer is (B).',
    'Answer: B',
    'The answer is B because it is.',
    'The answer is B, not A.',
    '\\boxed{B}',

    '\\boxed{\\text{(B)}}',
    'Answer: $B$, because it is older.',
    'Answer: $B$ — the capital',
    '<answer>B</answer>',
    'The correct option is **B) Rome**.',
    'I would go with B.',
    'I choose (B).',

    'B\n\nParis is in France.',
    'Paris is in France.\n\nB',
    'Rome',
    'The answer is Rome.',
    'It is Rome, of course.',

    'Answer: Option B',
    'The correct answer is option (B).',
    'The answer is **B**.',
    'It must be B',
    '答案是B',
    '<think>A</think>B',
    'So the capital is Rome.',
    'The answer is rome',
    'The best choice is B.',
    '#### B',
  ])('%j: B', (reply) => expect(choiceIn(reply.replace(/<think>.*<\/think>/, ''), OPTIONS)).toBe('B'));

  it('is the longer of two texts, and the letter A where it is no article', () => {
    expect(choiceIn('The answer is New Rome.', OPTIONS)).toBe('D');
    expect(choiceIn('The answer is A because it rains', OPTIONS)).toBe('A');
    expect(choiceIn('A is right.', OPTIONS)).toBe('A');
    expect(choiceIn('18 dollars', optionsIn('?\nA) 17\nB) $18.00'))).toBe('B');
  });

  it.each([
    '',
    'A or B',
    'The answer is A or B',
    'The answer is A and B.',
    'It is not B.',
    'E',
    'The answer is F',
    'I think so.',

    'The answer is a dog',
    'A dog',
    'It is not Rome.',
    'Maybe Rome.',
    'Paris or Rome',
    'A\n\nB',
    'None of these',
    '42',
  ])('%j: none', (reply) => expect(choiceIn(reply, OPTIONS)).toBeUndefined());

  it('is a letter where no options are known', () => {
    assert(
      property(
        constantFrom('B', 'C', 'D', 'E'),
        constantFrom<(letter: string) => string>(
          (a) => a,
          (a) => `(${a})`,
          (a) => `The answer is ${a}.`,
          (a) => `**${a}**`,
          (a) => `Answer: ${a}) something`,
          (a) => `It cannot be A.\n\nThe answer is ${a}, since it fits.`,
        ),
        (letter, write) => {
          expect(choiceIn(write(letter))).toBe(letter);
        },
      ),
    );
  });
});
