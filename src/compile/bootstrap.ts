/** Demonstrations of training items: answers of the base that the metric passes, else the expected answers themselves. */
import { fork, questionOf, type Context, type Sample } from '../core/index.ts';
import { sampleOf } from '../evaluate/records.ts';
import type { Item, Metric, Task } from '../tasks/task.ts';
import type { Demonstration } from './demos.ts';
import type { Asked } from './search/trial.ts';

/** Demonstrations that a list may hold. */
const MOST = 16;
/** Where fewer answers of the base pass, expected answers fill the list up. */
const LEAST = 8;

/**
 * Demonstrations of what the base answered to training items. A base that is hardly ever right, because nobody told it the form of an answer,
 * passes too few of them; then an expected answer that is a text, and that the metric passes, is one as well. Neither is ever measured on.
 */
export async function demonstrationsOf(
  { metric }: Task,
  items: readonly Item[],
  asked: readonly Asked[],
  context: Context,
): Promise<readonly Demonstration[]> {
  const passed = items.flatMap((item, i): readonly Demonstration[] => {
    const { grade, reply } = asked[i] ?? {};
    return grade === 1 && reply ? [demonstration(item, reply)] : [];
  });
  if (passed.length >= LEAST || metric.asks) return passed.slice(0, MOST);
  const others: Demonstration[] = [];
  for (const [i, item] of items.entries()) {
    const { expected } = item;
    if (asked[i]?.grade === 1 || typeof expected !== 'string' || expected === '') continue;
    const sample = sampleOf({ text: expected });
    if (await passes(metric, sample, item, fork(context, `expected/${item.id}`)))
      others.push(demonstration(item, expected));
  }
  return [...passed, ...others].slice(0, MOST);
}

/** A metric that cannot grade an expected answer passes it not: it ends nothing. */
async function passes({ grade, name }: Metric, sample: Sample, item: Item, context: Context): Promise<boolean> {
  try {
    return (await grade(sample, item, context)) === 1;
  } catch (error) {
    context.signal.throwIfAborted();
    const message = `${name} could not grade the expected answer of ${item.id}: ${String(error)}`;
    context.ledger.warn({ code: 'no-demonstration', message });
    return false;
  }
}

const demonstration = ({ request }: Item, answer: string): Demonstration => ({
  question: questionOf(request.prompt),
  answer,
});
