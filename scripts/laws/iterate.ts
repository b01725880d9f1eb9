/** Laws of iterate. */
import type { LawSet } from './form.ts';

export const iterate: LawSet = { subjects: {}, exact: [] };
