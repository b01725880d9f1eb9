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
const MARKS = `*"'\``;

/** What stands behind one of the labels and a colon, or else on the next line that is not empty; marks of Markdown are left out. */
export function labelled(text: string, ...labels: readonly string[]): string | undefined {
  return labelledAt(text, ...labels)?.said;
}

/** The same, with the text up to the end of it. */
export function labelledAt(
  text: string,
  ...labels: readonly string[]
): { readonly said: string; readonly text: string } | undefined {
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const plain = stripped(line, MARKS);
    const label = labels.find((one) => plain.slice(0, one.length).toLowerCase() === one.toLowerCase());
    const behind = label === undefined ? '' : stripped(plain.slice(label.length), MARKS);
    if (!behind.startsWith(':')) continue;
    const near = [behind.slice(1), ...lines.slice(i + 1, i + 3)].map((one) => stripped(one, MARKS));
    const at = near.findIndex(Boolean);
    if (at !== -1) return { said: near[at] as string, text: lines.slice(0, i + at + 1).join('\n') };
  }
  return undefined;
}
