/** Laws of remember. */
import type { LawSet } from './form.ts';

export const remember: LawSet = { subjects: {}, exact: [] };
