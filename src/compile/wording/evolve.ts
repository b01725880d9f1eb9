/**
 * Wordings that evolve: a model is shown what an instruction led to on a few training items, and writes a better one. A new one must be
 * better on those few before it is asked the rest. Parents are drawn from the front: wordings that are best on some item, the more items
 * the likelier. (Agrawal et al., "GEPA: Reflective prompt evolution can outperform reinforcement learning", 2025)
 */
import { BudgetExceeded, questionOf, type Choice, type Context } from '../../core/index.ts';
import type { Item, Task } from '../../tasks/task.ts';
import { shuffled } from '../search/split.ts';
import type { Asked } from '../search/trial.ts';

export interface EvolveOptions {
  readonly context: Context;
  readonly task: Task;
  readonly items: readonly Item[];
  /** Has the model answer that writes new wordings. `key`: the address of its draw. */
  readonly write: (writing: { readonly prompt: string; readonly key: string }, item: Item) => Promise<string>;
  /** That model, for messages. */
  readonly writer: string;
  /** Where it begins. */
  readonly seeds: readonly string[];
  /** Asks the base with some wordings on some items; nothing where the budget does not allow it. */
  readonly ask: (
    wordings: readonly string[],
    items: readonly Item[],
  ) => Promise<readonly (readonly Asked[])[] | undefined>;
  /** Whether there is enough left for another round. */
  readonly affords: () => boolean;
}

interface Wording {
  readonly text: string;
  /** Of each training item. */
  readonly asked: readonly Asked[];
}

/** Rounds at most; each makes so many proposals, side by side. */
const ROUNDS = 6;
const PROPOSALS = 2;
/** How often the base is asked, one time after another: the wordings that are given, then each proposal on a few items and on the others. */
export const ASKED_AT_MOST = 1 + 2 * ROUNDS * PROPOSALS;
/** Items that a proposal is shown and screened on. */
const MINIBATCH = 4;
/** Wordings that are handed on. */
const KEPT = 2;
const LONGEST = 4000;

/** The best new wordings, best first: none where none is better than what it came from. */
export async function evolve(options: EvolveOptions): Promise<readonly string[]> {
  const { context, items, seeds, ask, affords } = options;
  const choice = context.choice.fork('wording');
  const known = new Map<string, Asked>();
  /** A wording is asked an item once, also where it is written again. */
  const askedOf = async (text: string, numbers: readonly number[]): Promise<readonly Asked[] | undefined> => {
    const missing = numbers.filter((item) => !known.has(`${item} ${text}`));
    if (missing.length > 0) {
      const found = await ask(
        [text],
        missing.map((item) => items[item] as Item),
      );
      if (!found) return undefined;
      for (const [i, item] of missing.entries()) known.set(`${item} ${text}`, found[0]?.[i] as Asked);
    }
    return numbers.map((item) => known.get(`${item} ${text}`) as Asked);
  };
  const first = await ask(seeds, items);
  if (!first) return [];
  const pool: Wording[] = seeds.map((text, i) => ({ text, asked: first[i] as readonly Asked[] }));
  for (let round = 0; round < ROUNDS && affords(); round++) {
    const parents = Array.from({ length: PROPOSALS }, (_, i) => parentIn(pool, choice.fork(`parent/${round}/${i}`)));
    const batches = parents.map((parent, i) => minibatch(parent, choice.fork(`batch/${round}/${i}`)));
    const written = await Promise.all(
      parents.map((parent, i) => rewritten(parent, batches[i] as readonly number[], `reflect/${round}/${i}`, options)),
    );
    for (const [i, text] of written.entries()) {
      const [parent, batch] = [parents[i] as Wording, batches[i] as readonly number[]];
      if (text === undefined || pool.some((one) => one.text === text)) continue;
      const screened = await askedOf(text, batch);
      if (!screened) return best(pool, seeds);
      const before = batch.reduce((sum, item) => sum + gradeAt(parent, item), 0);
      const now = screened.reduce((sum, { grade }) => sum + (grade ?? 0), 0);
      if (now <= before) continue;
      const whole = await askedOf(text, [...items.keys()]);
      if (!whole) return best(pool, seeds);
      pool.push({ text, asked: whole });
    }
  }
  return best(pool, seeds);
}

function best(pool: readonly Wording[], seeds: readonly string[]): readonly string[] {
  const worth = new Map(pool.map((one) => [one, total(one)]));
  const least = Math.max(...pool.filter(({ text }) => seeds.includes(text)).map(total));
  return pool
    .filter((one) => !seeds.includes(one.text) && total(one) > least)
    .toSorted((a, b) => (worth.get(b) as number) - (worth.get(a) as number))
    .slice(0, KEPT)
    .map(({ text }) => text);
}

const gradeAt = ({ asked }: Wording, item: number): number => asked[item]?.grade ?? 0;
const total = ({ asked }: Wording): number => asked.reduce((sum, { grade }) => sum + (grade ?? 0), 0);

/** One that is best on some item, the more items the likelier. */
function parentIn(pool: readonly Wording[], choice: Choice): Wording {
  const items = pool[0]?.asked.length ?? 0;
  const wins = pool.map((one) => {
    let count = 0;
    for (let item = 0; item < items; item++)
      if (gradeAt(one, item) >= Math.max(...pool.map((other) => gradeAt(other, item)))) count++;
    return count;
  });
  return pool[choice.categorical(wins.some((count) => count > 0) ? wins : pool.map(() => 1))] as Wording;
}

/** A few items, those first that it got wrong: what is right teaches least, but for what failed. */
function minibatch(parent: Wording, choice: Choice): readonly number[] {
  const order = shuffled([...parent.asked.keys()], choice);
  const rank = (item: number): number => parent.asked[item]?.grade ?? 2;
  return order.toSorted((a, b) => rank(a) - rank(b)).slice(0, MINIBATCH);
}

/** What the reflecting model makes of a wording; nothing where it fails or writes none. */
async function rewritten(
  parent: Wording,
  batch: readonly number[],
  key: string,
  { context, items, task, write, writer }: EvolveOptions,
): Promise<string | undefined> {
  const shown = batch.map((at) => {
    const item = items[at] as Item;
    const { reply, error, grade } = parent.asked[at] as Asked;
    const said = reply ?? `(no answer: ${error ?? 'unknown'})`;
    return EXAMPLE({
      question: questionOf(item.request.prompt),
      said,
      feedback: feedbackOn(task, item, grade, reply, context),
    });
  });
  try {
    const prompt = REFLECT({ instructions: parent.text, examples: shown.join('\n\n') });
    return wordingIn(await write({ prompt, key }, items[batch[0] ?? 0] as Item));
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof BudgetExceeded) return undefined;
    const why = error instanceof Error ? error.message : String(error);
    context.ledger.warn({ code: 'no-reflection', message: `${writer} wrote no new wording: ${why}` });
    return undefined;
  }
}

/** What the metric has to say of an answer, in words; else what was expected. */
function feedbackOn(
  { metric }: Task,
  item: Item,
  grade: number | undefined,
  reply: string | undefined,
  { ledger }: Context,
): string {
  let own: string | undefined;
  try {
    own = reply === undefined ? undefined : metric.feedback?.(reply, item);
  } catch (error) {
    ledger.warn({ code: 'no-feedback', message: `${metric.name} has no words for ${item.id}: ${String(error)}` });
  }
  if (own !== undefined) return own;
  if (grade === 1) return 'Right.';
  return item.expected === undefined
    ? `Graded ${grade ?? 'not at all'}.`
    : `Wrong. Expected: ${JSON.stringify(item.expected)}`;
}

/** The last text between the tags; a reply without tags is none. */
function wordingIn(reply: string): string | undefined {
  const end = reply.lastIndexOf('</instructions>');
  const start = reply.lastIndexOf('<instructions>', end);
  if (start === -1 || end === -1) return undefined;
  const text = reply.slice(start + '<instructions>'.length, end).trim();
  return text === '' || text.length > LONGEST ? undefined : text;
}

const EXAMPLE = ({
  question,
  said,
  feedback,
}: {
  readonly question: string;
  readonly said: string;
  readonly feedback: string;
}): string => `Question: ${question}\nAnswer: ${said}\nFeedback: ${feedback}`;
const REFLECT = ({ instructions, examples }: { readonly instructions: string; readonly examples: string }): string =>
  `An assistant is given these instructions before each question:\n\n<instructions>${instructions}</instructions>\n\nThis is how it answered, with feedback:\n\n${examples}\n\nWrite better instructions: general ones, that hold for questions of this kind and name what the feedback shows about form and content. Do not solve the questions. Reply with the new instructions between <instructions> and </instructions>.`;
