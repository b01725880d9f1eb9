/** The verdict that ends a loop of drafting and checking. */
import { stripped } from '../../core/reading/text.ts';

/** Whether a critique is the verdict that ends the work: the agreed words on a line of their own. */
export function isContent(critique: string): boolean {
  return critique.split('\n').some((line) => stripped(line, `*#"'\`.!`).toLowerCase() === 'nothing to fix');
}
