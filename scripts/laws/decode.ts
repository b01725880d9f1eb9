/** Laws of decode. */
import type { LawSet } from './form.ts';

export const decode: LawSet = { subjects: {}, exact: [] };
