/** Three models for the laws of techniques that ask several: a cheap one, a middling one and a dear one. */
import { finite, type Distribution } from '../../testing/laws/closed-form.ts';

export const CHEAP: Distribution = { a: 5, b: 3, cc: 2 };
export const MIDDLE: Distribution = { a: 2, d: 3 };
export const DEAR: Distribution = { a: 1, b: 8, d: 1 };
export const cheap = finite(CHEAP, 'cheap');
export const middle = finite(MIDDLE, 'middle');
export const dear = finite(DEAR, 'dear');
