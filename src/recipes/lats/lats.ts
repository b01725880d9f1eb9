import { annotate, attempt, fork, option, progress, technique, type Sample } from '../../core/index.ts';
import { upperConfidence } from '../../search/mcts/mcts.ts';
import { byValue, scoreFact } from '../../search/shared/scores.ts';
import { below, grow, plant, rootOf, type Node, type Policy } from '../../search/shared/tree.ts';
import { NO_THOUGHT, speaker, type Thought } from './thoughts.ts';

const OPTIONS = {
  score: option.scorer({ doc: 'what a beginning is worth; without it the base rates it 0…1', optional: true }),
  n: option.integer({ doc: 'thoughts that are gone on from, at most', min: 1, default: 8 }),
  width: option.integer({ doc: 'thoughts drawn at each', min: 1, default: 3 }),
  depth: option.integer({ doc: 'thoughts in a row, at most', min: 1, default: 6 }),
  threshold: option.number({ doc: 'worth at which an answer ends the search', default: 1 }),
  exploration: option.number({ doc: 'weight of what was tried little', min: 0, default: 1 }),
  memory: option.integer({ doc: 'reflections that are kept in view, the latest', min: 1, default: 3 }),
  step: option.prompt(['question', 'asked'], {
    doc: 'how the next thought is asked for, beside {steps} {reflections}',
  }),
  value: option.prompt(['steps'], { doc: 'how a beginning is rated, beside {question} {reflections}' }),
  reflect: option.prompt(['steps'], {
    doc: 'how a reflection on a failed end is asked for, beside {question} {score}',
  }),
  answer: option.prompt(['steps'], { doc: 'how the answer is asked for in the end, beside {question} {context}' }),
};

/**
 * Searches the tree of thoughts by what they are worth, and learns from ends that fail: each step draws `width` thoughts at
 * the beginning with the best upper confidence bound, values them, and reflects in words on the first end that falls
 * short of `threshold`; later thoughts are drawn with the reflections in view. A good enough end ends it. The answer is
 * written from the best end there is, or from the best beginning.
 *
 *     P'(y) = Σ over trees of P(tree | x) P(y | x, its best end)
 *     next child = argmax over children i of  mean_i + exploration · sqrt(ln N / N_i),   thought ~ P(· | x, beginning, reflections)
 *
 * with N_i the steps made at or below i, and i itself, and mean_i what they are worth: each the best thought it drew.
 *
 * It differs from the paper in that the value of a beginning stands in for playing it out, and that acting is the base's
 * business: put it on a base that uses tools. It never sees the gold answer unless you make the scorer from it. It helps
 * where a wrong turn is seen soon; where the base cannot tell good from bad it is an expensive draw.
 *
 * Cost: n·(2·width + 1) + 1 calls in 3·n + 1 rounds at most; with a scorer n·(width + 1) + 1 and what it calls.
 * Source: Zhou et al., "Language agent tree search unifies reasoning, acting, and planning in language models", 2023.
 */
export const lats = technique({
  name: 'lats',
  room: 'recipes',
  summary: 'Monte-Carlo tree search over thoughts, with reflections on ends that fail',
  paper: 'Zhou et al., 2023',
  options: OPTIONS,
  calls: 'n*(2*width + 1) + 1',
  rounds: '3*n + 1',
  semantics: ({ n, width }) => ({
    kind: 'heuristic',
    target: `P(y | x, the best of up to ${n * width} beginnings)`,
    why: 'where the search goes depends on ratings, and on reflections that may be wrong',
  }),
  async run(base, request, context, options, last) {
    const { n, width, depth, threshold, exploration, memory } = options;
    const says = speaker(base, request, options);
    const reflections: string[] = [];
    const search = upperConfidence<Thought>({ width: 1, exploration }); // one expansion makes all of a node's thoughts
    const policy: Policy<Thought> = (root, asked) => (goodEnd(root, threshold) ? undefined : search(root, asked));
    const tree = await grow<Thought>(plant(NO_THOUGHT), context, {
      policy,
      parallel: 1, // what is reflected on is in view of the next
      most: n,
      expand: async (places) => {
        const [{ node, at, part }] = places as [(typeof places)[number]];
        const here = fork(context, `node${at}/${part}`);
        const view = {
          steps: node.state.steps,
          reflections: reflections
            .slice(-memory)
            .map((one) => `- ${one}`)
            .join('\n'),
        };
        const thoughts = await says.think(view, width, here);
        const values = await says.rate(thoughts, view.reflections, here);
        const children = thoughts.map((state, i) => ({
          state,
          value: values[i] as number,
          done: state.isEnd || node.depth + 1 >= depth,
        }));
        const failed = children.find(({ state, value }) => state.isEnd && !(value >= threshold));
        const isOver = children.some(({ state, value }) => state.isEnd && value >= threshold);
        const lesson =
          failed && !isOver ? await attempt(context, says.reflect(failed.state, failed.value, here)) : undefined;
        if (lesson) reflections.push(lesson);
        const best = children.toSorted(byValue)[0];
        progress(
          context,
          `${best?.state.steps.split('\n').at(-1)} (${best?.value})${lesson ? `\nlesson: ${lesson}` : ''}`,
        );
        return [{ at, part, children }];
      },
    });
    const nodes = below(rootOf(tree)).toSorted(byValue);
    const best = nodes.find(({ state }) => state.isEnd) ?? (nodes[0] as Node<Thought>);
    const draw = last(base, says.closing(best.state), fork(context, 'answer'));
    // A thought on the way is no answer, and an end is one even where no call is left to write it out.
    const answer = best.state.isEnd ? ((await attempt(context, draw)) ?? (best.state.sample as Sample)) : await draw;
    return annotate(answer, { score: scoreFact(best.value), thoughts: nodes.length, depth: best.depth, reflections });
  },
});

const goodEnd = (root: Node<Thought>, threshold: number): boolean =>
  below(root).some(({ state, value }) => state.isEnd && value >= threshold);
