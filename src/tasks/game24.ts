/** Game of 24: reach 24 with four numbers, each used once. (Used by Yao et al., "Tree of thoughts", 2023) */
import { extractAnswer, seeded, textOf, user, type Sample, type Request } from '../core/index.ts';
import { combine, readExpression, type Fraction } from './expression.ts';
import type { Item, Metric } from './task.ts';

const TARGET = 24;
const HIGHEST = 13;

/** `size` different puzzles that can be solved, of the 1,362 there are. */
export function game24Items(size: number, seed: number): Item[] {
  const choice = seeded(`game24 ${seed}`);
  const hands = allHands();
  const items: Item[] = [];
  while (items.length < size && hands.length > 0) {
    const at = choice.categorical(hands.map(() => 1));
    const [hand] = hands.splice(at, 1);
    if (hand && isSolvable(hand)) items.push(game24Item(hand.join(' ')));
  }
  return items;
}

/** Every four numbers from 1 to 13, smallest first. */
function allHands(): number[][] {
  const numbers = Array.from({ length: HIGHEST }, (_, i) => i + 1);
  const longer = (hands: readonly number[][]): number[][] =>
    hands.flatMap((hand) => numbers.filter((next) => next >= (hand.at(-1) ?? 1)).map((next) => [...hand, next]));
  return longer(longer(longer(longer([[]]))));
}

/** The item of a puzzle such as "4 5 6 10". */
export function game24Item(puzzle: string): Item {
  return { id: puzzle.replaceAll(' ', '-'), request: { prompt: [user(ASK(puzzle))] }, expected: puzzle };
}

/** Right is an expression that uses each of the four numbers once and is exactly 24. */
export const game24Metric: Metric = {
  name: 'game24',
  grade: (sample, { request, expected }) =>
    Number(typeof expected === 'string' && isSolution(answerOf(sample, request), expected)),
};

/** Whether an expression solves a puzzle. `= 24` behind it is allowed. */
export function isSolution(answer: string, puzzle: string): boolean {
  const expression = readExpression(answer.replace(/=\s*24\s*$/, ''));
  if (!expression?.value) return false;
  const sorted = (numbers: readonly number[]): string => numbers.toSorted((a, b) => a - b).join(' ');
  const { top, bottom } = expression.value;
  return (
    top === TARGET && bottom === 1 && sorted(expression.numbers) === sorted(puzzle.trim().split(/\s+/).map(Number))
  );
}

/** The declared answer, else the last line. */
function answerOf(sample: Sample, request: Request): string {
  return extractAnswer(sample, request) ?? textOf(sample.content).trim().split('\n').at(-1) ?? '';
}

/** Tries every way to combine two of the numbers, and again with what results. */
export function isSolvable(numbers: readonly number[]): boolean {
  const search = (values: readonly Fraction[]): boolean => {
    if (values.length === 1) return values[0]?.top === TARGET && values[0].bottom === 1;
    return values.some((a, i) =>
      values.some((b, j) => {
        if (i === j) return false;
        const rest = values.filter((_, at) => at !== i && at !== j);
        return (['+', '-', '*', '/'] as const).some((operator) => {
          const value = combine(a, operator, b);
          return value !== undefined && search([...rest, value]);
        });
      }),
    );
  };
  return search(numbers.map((top) => ({ top, bottom: 1 })));
}

const ASK = (puzzle: string): string =>
  `Use each of the numbers ${puzzle.replaceAll(' ', ', ')} exactly once, with + - * / and parentheses, to make 24. Think step by step and end with a line "Answer: " and the expression.`;
