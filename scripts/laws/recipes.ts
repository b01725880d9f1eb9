/** Laws of recipes. */
import type { LawSet } from './form.ts';

export const recipes: LawSet = { subjects: {}, exact: [] };
