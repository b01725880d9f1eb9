/** Small marks that a prompt asks for: sources in brackets, a part between tags, agreed words on a line of their own. */
import { bare } from '../plain.ts';
import { said } from '../thoughts.ts';

/** The numbers a reply cites, each once, in the order they are first cited: `[1]`, `[2, 3]`, `[4-6]`, `【7】`. */
export function citationsIn(reply: string): number[] {
  const lists = [...said(reply).matchAll(/[[【](\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)(?:†[^】]{0,80})?[\]】]/g)];
  const numbers = lists.flatMap(([, list = '']) => list.split(/[,;]/).flatMap(rangeOf));
  return [...new Set(numbers)];
}

const WIDEST = 20;
function rangeOf(text: string): number[] {
  const [from = 0, to = from] = text.split(/[–-]/).map(Number);
  const count = to - from + 1;
  return count > 0 && count <= WIDEST ? Array.from({ length: count }, (_, i) => from + i) : [from, to];
}

/** What stands between `<name>` and the last `</name>`, or to the end where it is not closed; nothing where it is empty. */
export function between(reply: string, name: string): string | undefined {
  const text = said(reply);
  const lower = text.toLowerCase();
  const from = lower.indexOf(`<${name.toLowerCase()}>`);
  if (from === -1) return undefined;
  const to = lower.lastIndexOf(`</${name.toLowerCase()}>`);
  return text.slice(from + name.length + 2, to > from ? to : undefined).trim() || undefined;
}

/** Whether a reply says the agreed words, on a line of their own, in any case and dress. */
export function saysWords(reply: string, words: string): boolean {
  const plain = (line: string): string => bare(line).toLowerCase().replaceAll(/\s+/g, ' ');
  return said(reply)
    .split('\n')
    .some((line) => plain(line) === words.toLowerCase());
}

/** Whether a line of a reply begins with the agreed word, in any dress and case. */
export function saysFirst(reply: string, word: string): boolean {
  return said(reply)
    .split('\n')
    .map((line) => bare(line))
    .some(
      (line) =>
        line.slice(0, word.length).toLowerCase() === word.toLowerCase() &&
        !/^[\p{L}\p{N}_]/u.test(line.slice(word.length)),
    );
}

/** Whether a reply gives what it calls its final answer. */
export const givesFinalAnswer = (reply: string): boolean =>
  /(?<!\p{L})final answer["'*_\x60]*\s*(?:is(?!\p{L})|[:=：])/iu.test(said(reply));

/** The name in brackets that an item begins with, and the item behind it. */
export function namedItem(item: string): { readonly name: string | undefined; readonly item: string } {
  const [, name, rest] = /^[*_\x60]*\[([\p{L}\p{N}_ -]+)\][*_\x60:]*\s*(.*)$/su.exec(item) ?? [];
  return { name, item: rest ?? item };
}
