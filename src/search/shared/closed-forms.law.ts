/** Closed forms of picking and of voting, written down without the code of the techniques. */
import { scorer, textOf } from '../../core/index.ts';
import { add, type Distribution, type P } from '../../testing/laws/closed-form.ts';

/** Answers with a tie in score between b and d; e scores nothing that a comparison can use. */
export const SCORED: Distribution = { a: 3, b: 2, c: 1.5, d: 1, e: 0.5 };
export const SCORES: { readonly [y: string]: number } = { a: 1, b: 2, c: 0, d: 2, e: Number.NaN };
export const score = scorer('score', ({ content }) => SCORES[textOf(content)] ?? Number.NaN);
export const scoreOf = (y: string): number => SCORES[y] as number;

/** Answers of which each has a score of its own. */
export const RANKED: Distribution = { a: 4, b: 3, c: 2, d: 1 };
export const rankOf = (y: string): number => 'cadb'.indexOf(y);
export const rank = scorer('rank', ({ content }) => rankOf(textOf(content)));

/** The number that an answer is, as the shared laws' base says it. */
export const size = scorer('size', ({ content }) => Number(textOf(content)));

/** P(y | s(y)) (F(s(y))^n − F(s(y)⁻)^n); what has no score stands below every number. */
export function bestOf(p: P, n: number, scoreOf: (y: string) => number): P {
  const value = (y: string): number => (Number.isNaN(scoreOf(y)) ? -Infinity : scoreOf(y));
  const mass = (test: (s: number) => boolean): number =>
    [...p].reduce((sum, [y, q]) => (test(value(y)) ? sum + q : sum), 0);
  return new Map(
    [...p].map(([y, q]) => {
      const s = value(y);
      return [y, (q / mass((t) => t === s)) * (mass((t) => t <= s) ** n - mass((t) => t < s) ** n)];
    }),
  );
}

const itself = (y: string): string => y;

/**
 * Votes as a multinomial: among equal leaders each is as likely as the others to have come first, and the text kept
 * is a draw from P given its answer.
 */
export function majority(p: P, n: number, answerOf: (text: string) => string | null = itself): P {
  const classes = new Map<string | null, number>();
  for (const [y, q] of p) classes.set(answerOf(y), (classes.get(answerOf(y)) ?? 0) + q);
  const names = [...classes.keys()];
  const wins = new Map<string | null, number>();
  const visit = (i: number, left: number, probability: number, counts: readonly number[]): void => {
    if (i === names.length - 1) {
      const all = [...counts, left];
      const weight = probability * (classes.get(names[i] as string) as number) ** left; // one way to place the rest
      const top = Math.max(0, ...all.filter((_, k) => names[k] !== null));
      const leaders = names.filter((name, k) => (top === 0 ? name === null : name !== null && all[k] === top));
      for (const name of leaders) wins.set(name, (wins.get(name) ?? 0) + weight / leaders.length);
      return;
    }
    for (let c = 0, ways = 1; c <= left; ways = (ways * (left - c)) / (c + 1), c++)
      visit(i + 1, left - c, probability * ways * (classes.get(names[i] as string) as number) ** c, [...counts, c]);
  };
  visit(0, n, 1, []);
  return new Map(
    [...p].map(([y, q]) => [y, (q / (classes.get(answerOf(y)) as number)) * (wins.get(answerOf(y)) ?? 0)]),
  );
}

interface Votes {
  readonly answerOf?: (text: string) => string | null;
  readonly stops?: (texts: readonly string[]) => boolean;
  readonly weigh?: (text: string) => number;
  readonly show?: (text: string, votes: number) => string;
}

/** Votes drawn one by one and counted by hand: for stop rules and weights, which no multinomial describes. */
export function sequential(
  p: P,
  n: number,
  { answerOf = itself, stops = () => false, weigh = () => 1, show = itself }: Votes,
): P {
  const out = new Map<string, number>();
  const visit = (texts: readonly string[], probability: number): void => {
    if (texts.length < n && !(texts.length > 0 && stops(texts))) {
      for (const [y, q] of p) visit([...texts, y], probability * q);
      return;
    }
    let best = texts[0] as string;
    let most = -1;
    for (const text of texts) {
      const answer = answerOf(text);
      if (answer === null) continue;
      let weight = 0;
      for (const other of texts) if (answerOf(other) === answer) weight += weigh(other);
      if (weight > most + 1e-12) [best, most] = [text, weight];
    }
    add(out, show(best, texts.length), probability);
  };
  visit([], 1);
  return out;
}

/** P(Beta(v1+1, v2+1) > ½) by counting coin tosses: at least v2+1 heads in v1+v2+1. */
export function coinTosses(v1: number, v2: number): number {
  const tosses = v1 + v2 + 1;
  let ways = 1n;
  let tail = 0n;
  for (let heads = 0; heads <= tosses; heads++) {
    if (heads > v2) tail += ways;
    ways = (ways * BigInt(tosses - heads)) / BigInt(heads + 1);
  }
  return Number((tail << 64n) >> BigInt(tosses)) / 2 ** 64; // of up to 64 tosses it is exact
}
