/** Verifiers that see the question and the answer, and nothing of what is expected: 1 or 0. */
import { questionOf, scorer, textOf, type NamedScorer } from '../core/index.ts';

const EQUATION = /(?<![\d.])(\d{1,15})\s*([-+*/])\s*(\d{1,15})\s*=\s*(\d{1,15})(?![\d.])/g;

/** 1 where every equation `a+b=c` of the text is true, 0 where one is not or there is none. */
export const equations: NamedScorer = scorer('equations', ({ content }) => {
  const found = [...textOf(content).matchAll(EQUATION)];
  return Number(
    found.length > 0 && found.every(([, a, sign, b, result]) => isTrue(Number(a), sign, Number(b), Number(result))),
  );
});

function isTrue(a: number, sign: string | undefined, b: number, result: number): boolean {
  if (sign === '/') return b !== 0 && result * b === a;
  return result === (sign === '+' ? a + b : sign === '-' ? a - b : a * b);
}

/** 1 where the steps use each of the question's numbers once, are all true, and end at its target. */
export const countdown: NamedScorer = scorer('countdown', ({ content }, { prompt }) => {
  const game = readGame(questionOf(prompt));
  return Number(game !== undefined && solves(textOf(content), game));
});

/** A game of countdown: reach the target with the numbers, each used once. */
export interface CountdownGame {
  readonly numbers: readonly number[];
  readonly target: number;
}

/** The game in a text such as `Numbers: 3 5 8 12`, `Target: 24`. */
export function readGame(text: string): CountdownGame | undefined {
  const [, numbers, target] = /^Numbers: ([\d ]+)\nTarget: (\d+)/m.exec(text) ?? [];
  if (numbers === undefined) return undefined;
  return { numbers: numbers.trim().split(/ +/).map(Number), target: Number(target) };
}

/** Whether the lines `a+b=c`, in order, take numbers that are left and leave the target alone. */
export function solves(text: string, { numbers, target }: CountdownGame): boolean {
  const left = [...numbers];
  for (const line of text.split('\n')) {
    const [step, a, sign, b, result] =
      /^(\d+)([-+*/])(\d+)=(\d+)(?: left [\d ]+| \(left: [\d ]+\))?$/.exec(line.trim()) ?? [];
    if (step === undefined) break;
    for (const used of [Number(a), Number(b)]) {
      const at = left.indexOf(used);
      if (at < 0) return false;
      left.splice(at, 1);
    }
    if (!isTrue(Number(a), sign, Number(b), Number(result))) return false;
    left.push(Number(result));
  }
  return left.length === 1 && left[0] === target;
}
