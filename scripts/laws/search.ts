/** Laws of search. */
import type { LawSet } from './form.ts';

export const search: LawSet = { subjects: {}, exact: [] };
