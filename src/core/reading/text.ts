/**
 * Reading what a model wrote, in time that grows with its length and no faster: a reply that says one mark sixty thousand times
 * takes no longer than any other.
 */

/** A text without the blanks and the given marks around it. A pattern such as /\s+$/ begins again at each of them. */
export function stripped(text: string, marks: string): string {
  const end = strippedEnd(text, marks);
  let from = 0;
  while (from < end.length && isBlankOr(marks, end[from])) from++;
  return end.slice(from);
}

/** A text without the blanks and the given marks behind it. */
export function strippedEnd(text: string, marks: string): string {
  let to = text.length;
  while (to > 0 && isBlankOr(marks, text[to - 1])) to--;
  return text.slice(0, to);
}

const isBlankOr = (marks: string, char = ''): boolean => marks.includes(char) || char.trim() === '';

/** What stands around words that are set off. */
export const MARKS = `*"'\``;

/** What stands behind one of the labels and a colon, or else on the next line that is not empty; marks of Markdown are left out. */
export function labelled(text: string, ...labels: readonly string[]): string | undefined {
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const plain = stripped(line, MARKS);
    const label = labels.find((one) => plain.slice(0, one.length).toLowerCase() === one.toLowerCase());
    const behind = label === undefined ? '' : stripped(plain.slice(label.length), MARKS);
    if (!behind.startsWith(':')) continue;
    const said = [behind.slice(1), ...lines.slice(i + 1, i + 3)].map((one) => stripped(one, MARKS)).find(Boolean);
    if (said !== undefined) return said;
  }
  return undefined;
}
