/** Sums of one to four steps, made up by a seed: a task that needs no data and whose difficulty is plain to see. */
import { seeded, user, type Choice } from '../core/index.ts';
import { readExpression } from './expression.ts';
import type { Item } from './task.ts';

const MOST_STEPS = 4;

/** `size` sums; item i has 1 + i mod 4 steps, and multiplication comes before addition. */
export function arithmeticItems(size: number, seed: number): Item[] {
  const run = seeded(`arithmetic ${seed}`);
  return Array.from({ length: size }, (_, i) => {
    const expression = sum(1 + (i % MOST_STEPS), run.fork(`item/${i}`));
    const value = readExpression(expression)?.value;
    return { id: String(i + 1), request: { prompt: [user(ASK(expression))] }, expected: value?.top ?? null };
  });
}

function sum(steps: number, choice: Choice): string {
  let text = String(between(2, 99, choice));
  for (let step = 0; step < steps; step++) {
    const operator = ['+', '-', '*'][choice.categorical([2, 2, 1])] as string;
    text += ` ${operator} ${operator === '*' ? between(2, 12, choice) : between(2, 99, choice)}`;
  }
  return text;
}

function between(low: number, high: number, choice: Choice): number {
  return low + choice.categorical(Array.from({ length: high - low + 1 }, () => 1));
}

const ASK = (expression: string): string => `What is ${expression}? End with "Answer: " and the number.`;
