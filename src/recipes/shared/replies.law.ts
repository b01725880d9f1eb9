/** A base that replies to what recipes ask in the form they ask for, and now and then in none. */
import { questionOf, textOf, type Message } from '../../core/index.ts';
import type { Distribution } from '../../testing/laws/closed-form.ts';

/** The distribution of its replies, which depends on all that was said before. */
export function inForm(prompt: readonly Message[]): Distribution {
  const asked = questionOf(prompt);
  let mixed = 7;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 31) + char.charCodeAt(0)) >>> 0;
  if (asked.includes('yes or no')) return { yes: 3 + (mixed % 2), no: 2, perhaps: 1 };
  if (asked.includes('Best: A')) return { 'Best: A': 2, 'Best: B': 3, 'Best: C': 1 + (mixed % 2), 'I cannot say.': 1 };
  if (asked.includes('search queries')) return { '1. one\n2. two\n3. three': 3, '1. one': 1 + (mixed % 2), DONE: 1 };
  if (asked.includes('from these notes')) return { 'So [1].': 2 + (mixed % 2), 'So [2, 1] and [9].': 1, 'So.': 1 };
  if (asked.includes('next thought')) return { 'First this.': 2 + (mixed % 2), 'Final answer: 4': 1 + (mixed % 3) };
  if (asked.includes('number from 0')) return { '10': 1, '7': 2 + (mixed % 2), '2': 2, none: 1 };
  return { '4': 5 + (mixed % 4), '5': 3 + (mixed % 3), '22': 1 + (mixed % 2) };
}
