/** What recipes have in common: showing an answer in a prompt, reading a verdict, and conversations about an answer. */
import type { Content, Sample } from '../core/index.ts';

/** An answer as a prompt shows it. Calls stand as text: a call without its result would break a conversation. */
export function shownAs({ content }: Pick<Sample, 'content'>): string {
  return content.map(partShown).filter(Boolean).join('\n') || '(nothing)';
}

function partShown(part: Content): string {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-call' ? `[call of ${part.toolName} with ${part.input}]` : '';
}

/** The last yes or no of a reply; nothing where it says neither. */
export function verdictIn(reply: string): boolean | undefined {
  const word = reply.match(/\b(?:yes|no)\b/gi)?.at(-1);
  return word === undefined ? undefined : word.toLowerCase() === 'yes';
}

/** Answers without the names of who gave them: `[A] ...`. */
export function anonymous(samples: readonly Sample[]): string {
  return samples.map((sample, i) => `[${letter(i)}]\n${shownAs(sample)}`).join('\n\n');
}

/** A, B, C, ... */
export function letter(i: number): string {
  return String.fromCharCode(65 + i);
}
