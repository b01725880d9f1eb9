/** What recipes have in common: reading a verdict, and showing answers without the names of who gave them. */
import { shownAs, type Sample } from '../../core/index.ts';

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
