/** The words that end a loop of drafts and critiques. */
import { stripped } from '../../core/reading/text.ts';

/** Whether a critique finds nothing to fix: the agreed words stand on a line of their own. */
export function saysNothingToFix(critique: string): boolean {
  return critique.split('\n').some((line) => stripped(line, `*#"'\`.!`).toLowerCase() === 'nothing to fix');
}
