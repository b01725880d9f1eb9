/** Laws of tools. */
import type { LawSet } from './form.ts';

export const tools: LawSet = { subjects: {}, exact: [] };
