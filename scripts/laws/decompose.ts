/** Laws of decompose. */
import type { LawSet } from './form.ts';

export const decompose: LawSet = { subjects: {}, exact: [] };
