/** What is odd about a task, and can be seen before anything is asked. */
import { questionOf } from '../core/index.ts';
import type { Item, Task } from './task.ts';

/** Fewer items tell little of a share. */
const FEW = 8;

/** In words, with the way out. */
export function odditiesOf({ items }: Pick<Task, 'items'>): readonly string[] {
  const leaks = leaking(items);
  const within = Math.min(50, Math.round(98 / Math.sqrt(items.length)));
  return [
    ...(items.length < FEW
      ? [
          `${items.length} ${items.length === 1 ? 'item tells' : 'items tell'} little: a share of so few is known to within ${within} points. Add items.`,
        ]
      : []),
    ...(leaks > LEAK * items.length
      ? [
          `The expected answer stands in the question of ${leaks} of ${items.length} items: check that the input does not hold the label.`,
        ]
      : []),
  ];
}

/** A share of the items that is no chance: choices that every question lists do not count. */
const LEAK = 0.3;

/** Items whose question holds their own answer and not those of others. */
function leaking(items: readonly Item[]): number {
  const answers = [...new Set(items.flatMap(({ expected }) => wordsOf(expected)))].slice(0, 200);
  return items.filter(({ request, expected }) => {
    const own = wordsOf(expected)[0];
    const question = ` ${questionOf(request.prompt)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}.]+/gu, ' ')} `;
    if (own === undefined || !question.includes(` ${own} `)) return false;
    const others = answers.filter((answer) => answer !== own);
    const held = others.filter((answer) => question.includes(` ${answer} `)).length;
    return others.length > 0 && held <= 0.1 * others.length;
  }).length;
}

/** An answer as it may stand in a question: texts of three letters at least, so that letters of choices and digits do not count. */
function wordsOf(expected: Item['expected']): readonly string[] {
  if (typeof expected !== 'string' && typeof expected !== 'number') return [];
  const words = String(expected)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.]+/gu, ' ')
    .trim();
  return words.length < 3 ? [] : [words];
}
