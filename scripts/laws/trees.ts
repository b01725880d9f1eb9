/** Laws of tree search. */
import type { LawSet } from './form.ts';

export const trees: LawSet = { subjects: {}, exact: [] };
