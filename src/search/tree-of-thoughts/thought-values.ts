/** What thoughts are worth in the eyes of a model: verdicts on each by itself, or votes between them. */
import { attempt, fork, gather, promptFor, textOf, type Context } from '../../core/index.ts';
import { partsOf, prose, soFar, stepsOf, type Asking, type Parts, type Thought } from './thoughts.ts';

/** What each thought is worth by itself: the sum of what `votes` verdicts count. */
export async function valueEach(
  { base, request, wording }: Asking,
  thoughts: readonly Thought[],
  at: Context,
  votes: number,
): Promise<readonly number[]> {
  const asking = promptFor(base, 'treeOfThoughts.value', wording.value, VALUE);
  const tasks = thoughts.map((thought, i) => async (inner: Context) => {
    const asked = { ...prose(request, asking.say(partsOf(thought))), n: votes };
    const found = await attempt(inner, base.sample(asked, fork(inner, `value/${i}`)));
    const verdicts = found?.samples.map(({ content }) => verdictOf(asking.read(textOf(content))));
    if (verdicts?.includes(undefined)) inner.ledger.warn(NO_VERDICT);
    return [i, verdicts?.reduce<number>((sum, one) => sum + (one ?? 0), 0) ?? Number.NaN] as const;
  });
  const known = new Map(await gather(at, tasks));
  return thoughts.map((_, i) => known.get(i) ?? Number.NaN);
}

/** How many of `votes` replies prefer each thought to the others. */
export async function vote(
  { base, request, wording }: Asking,
  thoughts: readonly Thought[],
  at: Context,
  votes: number,
): Promise<readonly number[]> {
  const asking = promptFor(base, 'treeOfThoughts.vote', wording.vote, VOTE);
  const choices = thoughts.map((thought, i) => `Choice ${i + 1}:\n${stepsOf(thought)}`).join('\n\n');
  const { question } = thoughts[0] as Thought;
  const asked = { ...prose(request, asking.say({ question, choices })), n: votes };
  const found = await attempt(at, base.sample(asked, fork(at, 'vote')));
  const picks = (found?.samples ?? []).map(({ content }) => Number(asking.read(textOf(content)).match(/\d+/g)?.at(-1)));
  if (picks.some((pick) => !(pick >= 1 && pick <= thoughts.length))) at.ledger.warn(NO_VERDICT);
  return thoughts.map((_, i) => (found ? picks.filter((pick) => pick === i + 1).length : Number.NaN));
}

/** What the three verdicts count for in the paper: one "sure" outweighs any number of "likely". */
const VERDICTS: { readonly [verdict: string]: number } = { sure: 20, likely: 1, impossible: 0.001 };
function verdictOf(reply: string): number | undefined {
  const last = reply.match(/\b(?:sure|likely|impossible)\b/gi)?.at(-1);
  return last === undefined ? undefined : VERDICTS[last.toLowerCase()];
}
const NO_VERDICT = {
  code: 'no-verdict',
  message: 'treeOfThoughts: a reply holds no verdict in the form asked for, and counts 0. Reword `value` or `vote`.',
};

export const VALUE = (parts: Parts): string =>
  `${soFar(parts)}\n\nCan the task still be solved from here? Think briefly, and end with one word on a line of its own: sure, likely or impossible.`;
export const VOTE = ({ question, choices }: { readonly question: string; readonly choices: string }): string =>
  `Task:\n${question}\n\nHere are beginnings of a solution.\n\n${choices}\n\nWhich is the most promising? Think briefly, and end with the number of the best choice on a line of its own.`;
