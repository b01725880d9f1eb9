import { expect, it } from 'vitest';
import { user } from '../message.ts';
import type { Sample } from '../sample.ts';
import { declaring, extractAnswer } from './extract.ts';

const sample: Sample = {
  content: [{ type: 'text', text: 'whatever' }],
  finish: { unified: 'stop', raw: 'stop' },
  weight: 1,
  semantics: { kind: 'exact', target: 'P', why: 'a test' },
};

it('an answer that is declared is read as an option, where the question lists them or a choice is asked for', () => {
  const declared = (answer: string | null, question: string, kind: 'auto' | 'choice'): string | null =>
    extractAnswer({ ...sample, answer }, declaring({ prompt: [user(question)] }, kind));
  const listed = 'Which is it?\nA) Rome\nB) Paris';
  expect(declared('(b)', listed, 'auto')).toBe('B');
  expect(declared('B) Paris', listed, 'choice')).toBe('B');
  expect(declared('(b)', 'Which is it?', 'choice')).toBe('B');
  expect(declared('b or not', 'Which is it?', 'auto')).toBe('b or not');
  expect(declared(null, listed, 'auto')).toBeNull();
});
