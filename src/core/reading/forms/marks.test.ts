import { describe, expect, it } from 'vitest';
import { between, citationsIn, saysWords } from './marks.ts';

describe('citations', () => {
  it.each([
    ['It is so [1].', [1]],
    ['It is so [2, 3], and so [1][2].', [2, 3, 1]],
    ['So [4-6] and [7;8].', [4, 5, 6, 7, 8]],
    ['So 【3】 and 【4†source】.', [3, 4]],
    ['<think>[9]</think>So [1].', [1]],
    ['[1-9999]', [1, 9999]],
    ['None [a], [1.5], a[i], [].', []],
    ['', []],
  ])('of %j are %j', (reply, numbers) => expect(citationsIn(reply)).toEqual(numbers));
});

describe('a part between tags', () => {
  it.each([
    ['<sheet>\na\n</sheet>', 'a'],
    ['Here:\n<SHEET>a</Sheet>\nDone.', 'a'],
    ['<sheet>a <sheet>b</sheet> c</sheet>', 'a <sheet>b</sheet> c'],
    ['<sheet>a, and it was cut', 'a, and it was cut'],
    ['<sheet></sheet>', undefined],
    ['none', undefined],
    ['', undefined],
  ])('%j: %j', (reply, part) => expect(between(reply, 'sheet')).toBe(part));
});

describe('agreed words', () => {
  it.each([
    'NOTHING TO FIX',
    'Nothing to fix.',
    'I looked.\n**NOTHING TO FIX**',
    '"nothing  to fix"',
    '<think>x</think>Nothing to fix!',
  ])('%j says them', (reply) => expect(saysWords(reply, 'nothing to fix')).toBe(true));
  it.each([
    '',
    'There is nothing to fix but this: 2 + 2 = 5.',
    '<think>\nnothing to fix\n</think>It is wrong.',
    'Fix it.',
  ])('%j does not', (reply) => expect(saysWords(reply, 'nothing to fix')).toBe(false));
});
