import { describe, expect, it } from 'vitest';
import { itemsIn } from '../../core/reading/index.ts';
import { askedIn, filled, referencesOf } from './parts.ts';

describe('the parts of a question', () => {
  it.each([
    ['Why?', { question: 'Why?', context: '', asked: 'Why?' }],
    ['Passage: A is B.\nQuestion: Who is A?\nAnswer directly.', { context: 'Passage: A is B.\n', asked: 'Who is A?' }],
    ['Question: old?\nQuestion: new?', { context: 'Question: old?\n', asked: 'new?' }],
  ])('stand after what is before them in %j', (text, expected) => {
    expect(askedIn({ prompt: [{ role: 'user', content: [{ type: 'text', text }] }] })).toMatchObject(expected);
  });

  it('are the items of a numbered list, however it is dressed', () => {
    expect(itemsIn('Here:\n1. One?\n 2) Two?\n**3. Three?**\n- not one\n4: Four? \n5.')).toEqual([
      'One?',
      'Two?',
      'Three?',
      'Four?',
    ]);
  });

  it('refer to earlier parts only', () => {
    expect(referencesOf('Add #1, #3, #1 and #9', 2)).toEqual([0]);
    expect(filled('Add #1, #2 and #9', ['7', undefined])).toBe('Add 7, #2 and #9');
    expect(filled('Why #1?', [`${'so'.repeat(200)}\nand more`])).toBe(`Why ${'so'.repeat(100)}?`);
  });
});
