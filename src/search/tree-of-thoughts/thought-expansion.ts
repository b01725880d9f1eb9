/** One batch of expansions of a tree of thoughts: next steps side by side, then what all of them are worth. */
import { fork, gather, progress, type Context } from '../../core/index.ts';
import { scoreAll } from '../shared/steps.ts';
import { further, lines, propose, sampleNext, shownAs, stepsOf, type Asking, type Thought } from './thoughts.ts';
import { valueEach, vote } from './thought-values.ts';
import type { Settings } from './tree-of-thoughts.ts';
import type { Growth, Node } from '../shared/tree.ts';

export async function expandAll(
  asking: Asking,
  context: Context,
  places: ReadonlyArray<{ readonly at: string; readonly part: number; readonly node: Node<Thought> }>,
  { expand, read = lines, thoughts, proposals, values, votes, score, isDone = () => false }: Settings,
): Promise<readonly Growth<Thought>[]> {
  const proposed = await gather(
    context,
    places.map(({ at, part, node: { state } }) => async (inner: Context) => {
      const here = fork(inner, `node${at}/${part}`);
      const found = expand
        ? await expand(state, here)
        : thoughts === 'propose'
          ? await propose(asking, state, here, { count: proposals, read })
          : await sampleNext(asking, state, here, proposals);
      return { at, part, found: found.map((one) => further(state, one)) };
    }),
  );
  const all = proposed.flatMap(({ found }) => found);
  const texts = all.map(stepsOf);
  const once = all.filter((_, i) => texts.indexOf(texts[i] as string) === i);
  const level = fork(context, `values${places[0]?.at}`);
  const worth = score
    ? await scoreAll(score, once.map(shownAs), asking.request, level)
    : once.length === 0
      ? []
      : await (values === 'vote' ? vote : valueEach)(asking, once, level, votes);
  const known = new Map(once.map((thought, i) => [thought, worth[i] as number]));
  progress(context, `${once.length} thoughts, the best is worth ${Math.max(...worth)}`);
  return proposed.map(({ found, ...place }) => ({
    ...place,
    children: found.map((state) => ({ state, value: known.get(state) ?? Number.NaN, done: isDone(state) })),
  }));
}
