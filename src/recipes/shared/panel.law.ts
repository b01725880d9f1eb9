/** Two models of a panel, and what another model sees of their answers. */
import type { Distribution } from '../../testing/laws/closed-form.ts';

export const ONE: Distribution = { a: 3, b: 1 };
export const TWO: Distribution = { a: 1, c: 2 };

/** The answers that a prompt shows under letters, in their order: `a c`. */
export const answersIn = (asked: string): string =>
  [...asked.matchAll(/^\[[A-Z]\]\n(.*)$/gm)].map(([, text]) => text).join(' ');
