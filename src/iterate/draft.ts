/** The verdict that ends a loop of drafting and checking. */

/** Whether a critique is the verdict that ends the work: the agreed words on a line of their own. */
export function isContent(critique: string): boolean {
  return /^[\s*#"'`]*nothing to fix[\s*"'`.!]*$/im.test(critique);
}
