/** Laws of rephrase. */
import type { LawSet } from './form.ts';

export const rephrase: LawSet = { subjects: {}, exact: [] };
