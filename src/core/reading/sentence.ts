/** Where an answer ends and the sentence goes on, and which lines of a reply say nothing of it. */
import { bare } from './plain.ts';

/** What ends an answer in a sentence: a full stop, a reason, a remark in brackets or behind a dash. */
const CUT =
  /(?<!\\)[.!?](?=[*_"'”)\]]*(?:\s|$))|[。！？]|;\s|\s+(?:[—–]|--?)\s+(?=[*_]*\p{L}{2})|—|,?\s+(?:because|since|as (?=shown|we|it|the|this|can|you|per|i|stated|follows)|due to|given that|i\.e\.|weil|denn|parce que|car|porque|perché)(?!\p{L})|,\s+(?:so|which|where|who|whose|for|when|while|but|not|as|with|after|based|rounded|assuming|meaning|thus|hence|therefore|the|an?|if|making|giving|and (?:this|that|it|so|the answer))\s|\s\(/giu;
const TITLE = /(?:^|[\s(])(?:dr|mr|mrs|ms|st|jr|sr|vs|no|approx|prof|gen|mt|ca)$/i;
const STARTS =
  /^\s+(?:I|It|The|This|That|So|We|Let|Thus|Hence|Therefore|Because|Since|Please|If|You|To|In|As|A|An|Here|There|Hope)\b/;

/** The answer that a text begins with, without what its sentence says of it. */
export function headOf(text: string): string {
  for (const { 0: cut, index } of text.matchAll(CUT)) {
    const head = text.slice(0, index);
    if (
      /[^\s.,;:!?*_"'`#-]/.test(head.slice(-500)) &&
      ends(cut, head, text.slice(index + cut.length, index + cut.length + 200))
    )
      return head;
  }
  return text;
}

function ends(cut: string, head: string, rest: string): boolean {
  if (cut === '.') {
    if (TITLE.test(head.slice(-8))) return false;
    // An initial (`J. K. Rowling`, `the U.S. team`) ends nothing; the letter of an option does.
    if (!/(?:^|[\s.])\p{Lu}$/u.test(head.slice(-2))) return true;
    const isFirst = bare(head).length === 1;
    return isFirst ? !/^\s+\p{Lu}\./u.test(rest) : !/^\s+\p{Lu}/u.test(rest) || STARTS.test(rest);
  }
  if (cut.endsWith('('))
    return (
      /[\p{L}\p{N}%.,)}$*]$/u.test(head) && !/\\[A-Za-z]+\s*$/.test(head) && /^(?!mod\b)[^()]*\p{L}{2}/u.test(rest)
    );
  if (/^,\s+(?:the|an?)\s$/i.test(cut)) return !/^\W*(?:the|an?)\s/i.test(head);
  if (/^\s+-/.test(cut)) return !isMath(head);
  return true;
}

const isMath = (head: string): boolean => /\\|[-+*/=(]\s*[\w)]+\s*$/.test(head.slice(-200));

/** The sentences of a line or a text, blank ones left out. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let from = 0;
  for (const { 0: end, index } of text.matchAll(/(?:(?<![.!?])[.!?]+["'”)*_]*(?=\s)|[。！？]|\n)/g)) {
    const head = text.slice(from, index);
    if (end.startsWith('.') && (TITLE.test(head.slice(-8)) || /^\s*(?:\d{1,3}|\p{L})$/u.test(head.slice(-8)))) continue;
    sentences.push(text.slice(from, index + end.length));
    from = index + end.length;
  }
  return [...sentences, text.slice(from)].map((one) => one.trim()).filter(Boolean);
}

/** What says goodbye, offers help or tells how sure the model is: nothing of the answer. */
const CLOSING =
  /^[\s*_>#-]*(?:(?:i |we )?hope (?:this|that|it)\b|let me know\b|(?:please )?feel free\b|thank(?:s| you)\b|you(?:'|’)re welcome\b|good luck\b|is there anything\b|(?:please )?(?:do not|don't) hesitate\b|if you (?:have|need|would|want)\b|happy to help\b|would you like\b|(?:my )?(?:confidence|certainty)\b|---+|\*\*\*+|___+|```|ich hoffe|j'espère|espero)/i;

/** The lines of a reply that say something, without the closing ones at its end. */
export function linesOf(text: string): string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  while (lines.length > 1 && CLOSING.test(lines.at(-1) ?? '')) lines.pop();
  return lines;
}

/** A line without the closing sentences behind it. */
export function withoutClosing(line: string): string {
  const sentences = sentencesOf(line);
  while (sentences.length > 1 && CLOSING.test(sentences.at(-1) ?? '')) sentences.pop();
  return sentences.join(' ');
}
