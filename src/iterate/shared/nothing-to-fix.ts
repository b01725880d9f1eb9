/** The words that end a loop of drafts and critiques. */
import { saysWords } from '../../core/reading/index.ts';

/** Whether a critique finds nothing to fix: the agreed words stand on a line of their own. */
export const saysNothingToFix = (critique: string): boolean => saysWords(critique, 'nothing to fix');
