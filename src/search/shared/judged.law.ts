/** A model that writes, and says of what it is shown which is best; and the closed form of one comparison. */
import { questionOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, sequences, type Distribution, type P } from '../../testing/laws/closed-form.ts';

export const DRAFTS: Distribution = { red: 4, green: 3, blue: 2 };
export const TWO_DRAFTS: Distribution = { red: 3, blue: 2 };
export const WORTH: { readonly [text: string]: number } = { red: 1, green: 4, blue: 2 };

/** The candidates that a prompt shows, in its order. */
export function shown(prompt: readonly Message[]): string[] {
  return [...questionOf(prompt).matchAll(/\[Answer \w+\]\n(\w+)/g)].map(([, text]) => text as string);
}

/** Writes drafts, and where it is shown candidates, says what `says` makes of them. */
export function judging(drafts: Distribution, says: (texts: readonly string[]) => Distribution): Model {
  return enumerable({
    name: 'model',
    answers: (prompt) => (shown(prompt).length > 0 ? says(shown(prompt)) : drafts),
  });
}

/** The probability that the judge prefers the one shown first: by worth and, wrongly, for its place. */
function favours(a: string, b: string): number {
  return (2 * (WORTH[a] as number)) / (2 * (WORTH[a] as number) + (WORTH[b] as number));
}

/** What the judge says of two candidates. */
export function verdicts(texts: readonly string[]): Distribution {
  const [a, b] = texts as [string, string];
  return a === b ? { 'Better: TIE': 1 } : { 'Better: A': favours(a, b), '**Better: B**': 1 - favours(a, b) };
}

/** The probabilities that a is better than b, that they are equal, and that b is better, judged once in each order. */
export function match(a: string, b: string): readonly [number, number, number] {
  if (a === b) return [0, 1, 0];
  const [first, second] = [favours(a, b), 1 - favours(b, a)];
  return [first * second, first * (1 - second) + (1 - first) * second, (1 - first) * (1 - second)];
}

/** What is left of n draws when they have played. */
export function played(p: P, n: number, play: (players: readonly string[]) => P): P {
  const out = new Map<string, number>();
  for (const [drawn, mass] of sequences(p, n)) for (const [y, q] of play(drawn)) add(out, y, mass * q);
  return out;
}
