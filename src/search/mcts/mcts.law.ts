/** The law of Monte-Carlo tree search: every answer written, and the rewards remembered by all beginnings it has. */
import { judge, plus } from '../../core/index.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { bestOfN } from '../best-of-n/best-of-n.ts';
import {
  further,
  isWhole,
  LINES,
  lines,
  score,
  scoreOf,
  size,
  START,
  stepped,
  type Begun,
} from '../shared/steps.law.ts';
import { mcts } from './mcts.ts';

/** More answers of two lines, so that where a search goes matters for longer. */
const BUSHY: Distribution = { 'a\nx': 3, 'a\nv': 2, 'a\nw': 1, 'b\nx': 2, 'b\nv': 1.5 };

/** A beginning that keeps all answers that were written on from it. */
interface Kept {
  readonly begun: Begun;
  readonly answers: readonly string[];
  readonly children: readonly Kept[];
}

/** A tree search by UCB1 whose nodes keep the answers that begin as they do. */
function uct(p: P, n: number, width: number, exploration: number): P {
  const out = new Map<string, number>();
  const visit = (root: Kept, written: readonly string[], probability: number): void => {
    const rewards = written.map(scoreOf);
    const [low, high] = [Math.min(...rewards), Math.max(...rewards)];
    const reward = (y: string): number => (high > low ? (scoreOf(y) - low) / (high - low) : 0.5);
    const path = (node: Kept): readonly number[] | undefined => {
      if (isWhole(node.begun)) return undefined;
      if (node.children.length < width) return [];
      const bound = ({ answers }: Kept): number =>
        answers.reduce((sum, y) => sum + reward(y), 0) / answers.length +
        exploration * Math.sqrt(Math.log(node.answers.length) / answers.length);
      const order = node.children.map((_, i) => i);
      order.sort((i, j) => bound(node.children[j] as Kept) - bound(node.children[i] as Kept) || i - j);
      for (const i of order) {
        const rest = path(node.children[i] as Kept);
        if (rest) return [i, ...rest];
      }
      return undefined;
    };
    const way = written.length < n ? path(root) : undefined;
    if (!way) {
      const best = written.reduce((top, y) => (scoreOf(y) > scoreOf(top) ? y : top));
      add(out, best, probability);
      return;
    }
    const grown = (node: Kept, [i, ...rest]: readonly number[], child: Begun): Kept => ({
      ...node,
      answers: [...node.answers, child.whole],
      children:
        i === undefined
          ? [...node.children, { begun: child, answers: [child.whole], children: [] }]
          : node.children.map((one, at) => (at === i ? grown(one, rest, child) : one)),
    });
    const at = way.reduce((node, i) => node.children[i] as Kept, root).begun;
    for (const [child, q] of further(p, at)) visit(grown(root, way, child), [...written, child.whole], probability * q);
  };
  visit({ begun: START, answers: [], children: [] }, [], 1);
  return out;
}

const { options } = mcts.definition;
const SEARCH = { n: upTo(5, options.n), width: upTo(3, options.width), exploration: options.exploration };

export const law: TechniqueLaw = {
  technique: 'mcts',
  subjects: {
    mcts: stepped(mcts({ n: 5, width: 2, score: size })),
    'mcts, three at once': stepped(mcts({ n: 6, width: 2, parallel: 3, score: size })),
    'mcts with a judge': stepped((base) => mcts({ n: 3, width: 2, score: judge(base) })(base)),
    'mcts by prompt': mcts({ n: 3, width: 1, score: size, by: 'prompt', separator: '2' }),
  },
  exact: [
    ...varied(
      { ...SEARCH, model: weights(LINES) },
      ({ n, width, exploration, model }) =>
        holds(
          `n=${n} width=${width} exploration=${exploration}`,
          plus(finite(model), mcts({ n, width, exploration, score })),
          () => uct(normal(model), n, width, exploration),
        ),
      [
        { n: 2, width: 1, exploration: 1 },
        { n: 4, width: 1, exploration: 1 },
        { n: 4, width: 2, exploration: 0.3 },
        { n: 4, width: 2, exploration: 2 },
      ],
    ),
    ...varied(
      { ...SEARCH, model: weights(BUSHY) },
      ({ n, width, exploration, model }) =>
        holds(
          `n=${n} width=${width} exploration=${exploration}, over more answers of two steps`,
          plus(finite(model), mcts({ n, width, exploration, score })),
          () => uct(normal(model), n, width, exploration),
        ),
      [0.2, 2].map((exploration) => ({ n: 4, width: 2, exploration })),
    ),
    same('width >= n is best-of-n', plus(lines, mcts({ n: 3, score })), plus(lines, bestOfN({ n: 3, score }))),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the exploration bonus counts the wrong visits',
    file: 'search/mcts/mcts.ts',
    from: 'Math.sqrt(Math.log(visits) / tried)',
    to: 'Math.sqrt(Math.log(tried) / visits)',
  },
  {
    bug: 'rewards are not remembered by the beginnings above',
    file: 'search/mcts/mcts.ts',
    from: '...[...found.values()].map((made) => Math.max(...made.map(({ value }) => scaled(value))))',
    to: '',
  },
  {
    bug: 'what is told twice counts twice as late',
    file: 'search/shared/tree.ts',
    from: 'new Map([...all, ...grown])',
    to: 'new Map([...grown, ...all])',
  },
];
