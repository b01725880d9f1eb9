/** Is a task fit to search on: told before anything is asked. */
import { hash } from 'node:crypto';
import { canonicalJson, DataError, questionOf } from '../../core/index.ts';
import type { Item, Task } from '../../tasks/task.ts';

/** Fewer items tell nothing: half of them are the test. */
export const LEAST_ITEMS = 20;

/** Throws DataError where a task cannot be searched on. */
export function checkTask({ name, items }: Task): void {
  const ids = new Set<string>();
  for (const { id } of items) {
    if (ids.has(id))
      throw new DataError({
        file: name,
        problem: `has two items with the id ${JSON.stringify(id)}. Give each its own.`,
      });
    ids.add(id);
  }
  if (items.length === 0) throw new DataError({ file: name, problem: 'has no items. Give it questions with answers.' });
  if (items.length < LEAST_ITEMS)
    throw new DataError({
      file: name,
      problem: `has ${items.length} items, and compositions are told apart by ${LEAST_ITEMS} at least. Add examples, or compare formulas by eye with \`plusx ask\`.`,
    });
}

/** What is odd about the data, in words. */
export function oddities({ items }: Task): readonly string[] {
  const asked = new Set(items.map(({ request }) => questionOf(request.prompt)));
  const repeated = items.length - asked.size;
  const leaks = leaking(items);
  return [
    ...(repeated > 0
      ? [`${repeated} of ${items.length} items ask what another one asks: they stay on one side of the split.`]
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

/** SHA-256 of what is asked, what is expected and how it is graded. */
export function hashOf({ items, metric }: Task): string {
  const all = items.map(({ id, request, expected }) => [id, request.prompt, expected ?? null]);
  return hash('sha256', canonicalJson([metric.name, all]), 'hex');
}
