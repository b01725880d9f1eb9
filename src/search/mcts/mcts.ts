import { annotate, fork, gather, NoCandidates, option, progress, technique, type Context } from '../../core/index.ts';
import { byValue, scoreFact, scoreOne } from '../shared/scores.ts';
import { checkSteps, drawAndCut, NOTHING_YET, STEP_OPTIONS, stepNeeds, type Beginning } from '../shared/steps.ts';
import { below, grow, plant, rootOf, type Node, type Policy } from '../shared/tree.ts';

/**
 * Searches the tree of steps with `n` answers. Each goes down to a beginning that has scored well or was tried little,
 * adds a step there, and writes the answer to its end. Its score counts for every beginning on its way.
 *
 *     P'(y) = P(y is the best-scored of y_1 … y_n),   y_i ~ P(· | x, the beginning b_i it goes on from)
 *     next child = argmax over children i of  mean_i + exploration · sqrt(ln N / N_i)          (UCB1)
 *
 * mean_i is the mean score of the answers that begin so, rescaled to 0…1 by the lowest and highest so far, and N_i is their
 * number. A node takes `width` children before a search goes below it. The best-scored answer is kept; the first of equals.
 * With `width` ≥ `n` it is bestOfN, at the same cost. A narrower tree spends its draws where beginnings have scored well,
 * which helps as far as answers that begin alike score alike. It scores whole answers only, so it needs no process reward.
 *
 * `parallel` answers are under way at once. Each counts beforehand as one of the lowest score, so that they spread. The
 * order in which they end makes no difference, but their number does. For `by` and tokens see beamSearch.
 *
 * Cost: `n` calls in n / parallel rounds, plus what the scorer calls. Sources: Kocsis and Szepesvári, "Bandit based
 * Monte-Carlo planning", 2006; Hao et al., "Reasoning with language model is planning with world model" (RAP), 2023.
 */
export const mcts = technique({
  name: 'mcts',
  room: 'search',
  summary: 'Monte-Carlo tree search over steps',
  paper: 'Kocsis and Szepesvári, 2006; Hao et al., 2023',
  options: {
    score: option.scorer({ doc: 'of whole answers: function, verifier, reward or judge(MODEL); higher is better' }),
    n: option.integer({ doc: 'answers written', min: 1, default: 16 }),
    width: option.integer({ doc: 'children of a node, at most', min: 1, default: 3 }),
    exploration: option.number({ doc: 'weight of what was tried little', min: 0, default: 1 }),
    parallel: option.integer({ doc: 'answers under way at once', min: 1, default: 1 }),
    ...STEP_OPTIONS,
  },
  needs: stepNeeds,
  calls: 'n',
  rounds: 'ceil(n / parallel)',
  semantics: ({ n }) => ({
    kind: 'heuristic',
    target: `the best-scored of ${n} draws, each from P given a beginning that scored well`,
    why: 'where the draws go depends on the scores of the ones before',
  }),
  check: checkSteps,
  branches: ({ parallel: count, score }) => [{ count, score }],
  async run(base, request, context, { score, n, width, exploration, parallel, ...steps }) {
    const settings = { ...steps, technique: 'mcts' };
    const tree = await grow<Beginning>(plant(NOTHING_YET), context, {
      policy: upperConfidence({ width, exploration }),
      parallel,
      most: n,
      expand: async (places) => {
        const [first] = places;
        const found = await gather(
          context,
          places.map(({ node, at, part }, i) => async (inner: Context) => {
            const [state] = await drawAndCut(base, request, fork(inner, `node${at}/${part}`), node.state, 1, settings);
            if (!state?.whole) throw new NoCandidates({ technique: 'mcts', why: 'no draw came back' });
            const after = fork(inner, `after${first?.at}/${first?.part}`);
            const value = await scoreOne(score, state.whole, request, after, i);
            return { at, part, state, value };
          }),
          { each: { models: [base], request, score } },
        );
        return found.map(({ at, part, state, value }) => {
          progress(context, `an answer after ${state.text.length} characters of its beginning scores ${value}`);
          return { at, part, children: [{ state, value, done: state.done }] };
        });
      },
    });
    const nodes = below(rootOf(tree));
    const best = nodes.toSorted(byValue)[0];
    if (!best?.state.whole) throw new NoCandidates({ technique: 'mcts', why: 'no draw came back' });
    const depth = Math.max(...nodes.map((node) => node.depth));
    return annotate(best.state.whole, { score: scoreFact(best.value), answers: nodes.length, depth });
  },
});

/** UCT: down the child with the best upper confidence bound, to a node that has room. A finished text has no room. */
export function upperConfidence<S>({ width, exploration }: { width: number; exploration: number }): Policy<S> {
  return (root) => {
    const values = below(root).flatMap(({ value }) => (Number.isFinite(value) ? [value] : []));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scaled = (value: number): number =>
      !Number.isFinite(value) ? Number(value > 0) : high > low ? (value - low) / (high - low) : 0.5;
    const tally = (node: Node<S>): { visits: number; sum: number } => {
      const own = node.id === '' ? [] : [scaled(node.value)];
      const found = Map.groupBy(below(node), expansionOf); // an expansion is one visit, worth the best it found
      const all = [...own, ...[...found.values()].map((made) => Math.max(...made.map(({ value }) => scaled(value))))];
      const flying = [node, ...below(node)].reduce((sum, { pending }) => sum + pending, 0);
      return { visits: all.length + flying, sum: all.reduce((sum, value) => sum + value, 0) };
    };
    const descend = (node: Node<S>): string | undefined => {
      if (node.done) return undefined;
      if (node.parts < width) return node.id;
      const { visits } = tally(node);
      const arms = node.children.map((child) => {
        const { visits: tried, sum } = tally(child);
        return { child, value: sum / tried + exploration * Math.sqrt(Math.log(visits) / tried) };
      });
      for (const { child } of arms.toSorted(byValue)) {
        const found = descend(child);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return descend(root);
  };
}

/** The address of the expansion that made a node: all of its address but its place among those made with it. */
const expansionOf = <S>({ id }: Node<S>): string => id.slice(0, id.lastIndexOf('.'));
