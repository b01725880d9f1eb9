/** Techniques that the shared laws are run over from here: none, since each has its law beside it. */
import type { Transform } from '../src/core/index.ts';

export const SUBJECTS: { readonly [name: string]: Transform } = {};
