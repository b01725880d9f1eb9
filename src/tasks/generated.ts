/** Tasks whose items are made up by a seed. They need no file, so they are there in a browser too. */
import { declaring, type DeclaredFormat } from '../core/index.ts';
import { arithmeticItems } from './arithmetic.ts';
import { game24Items } from './game24.ts';
import type { Item } from './task.ts';

export interface Generated {
  readonly doc: string;
  readonly items: (size: number, seed: number) => Item[];
  readonly answer?: DeclaredFormat;
}

export const GENERATED: { readonly [name: string]: Generated } = {
  arithmetic: {
    doc: 'sums of one to four steps, such as 38 + 47 * 6 - 12 (generated)',
    items: arithmeticItems,
    answer: 'number',
  },
  game24: {
    doc: 'reach 24 with four numbers, each used once (generated; every one can be solved)',
    items: game24Items,
  },
};

/** The items of one of them, which say what an answer is. */
export const generatedItems = ({ items, answer }: Generated, size: number, seed: number): Item[] =>
  items(size, seed).map((item) => ({ ...item, request: declaring(item.request, answer) }));
