/** Is a task fit to search on: told before anything is asked. */
import { hash } from 'node:crypto';
import { canonicalJson, DataError, questionOf } from '../../core/index.ts';
import { odditiesOf } from '../../tasks/oddities.ts';
import type { Task } from '../../tasks/task.ts';

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
export function oddities(task: Task): readonly string[] {
  const { items } = task;
  const asked = new Set(items.map(({ request }) => questionOf(request.prompt)));
  const repeated = items.length - asked.size;
  return [
    ...(repeated > 0
      ? [`${repeated} of ${items.length} items ask what another one asks: they stay on one side of the split.`]
      : []),
    ...odditiesOf(task),
  ];
}

/** SHA-256 of what is asked, what is expected and how it is graded. */
export function hashOf({ items, metric }: Task): string {
  const all = items.map(({ id, request, expected }) => [id, request.prompt, expected ?? null]);
  return hash('sha256', canonicalJson([metric.name, all]), 'hex');
}
