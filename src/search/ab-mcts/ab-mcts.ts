import {
  annotate,
  assistant,
  drawOne,
  fork,
  gather,
  NoCandidates,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  textOf,
  type Context,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { byValue, scoreFact, scoreOne } from '../shared/scores.ts';
import { below, grow, plant, rootOf, type Node, type Policy } from '../shared/tree.ts';
import { chancesToBeLargest, posterior } from './thompson.ts';

/**
 * Writes `n` answers and decides before each one, by what has scored well, whether to answer anew or to improve on an
 * answer that is there: wider or deeper.
 *
 *     P'(y) = P(y is the best-scored of y_1 … y_n),   y_i ~ P(· | x) or P(· | x, y_j, s(y_j)), j < i
 *     θ_wider ~ Beta(prior + Σ s, prior + Σ (1 − s)) over the answers made at this node, θ_deeper over those made from them
 *
 * The larger of the two draws says where to go; deeper, the same decides between the answers. Scores lie in 0…1 once they
 * are divided by `scale`. The tree may take any shape: bestOfN where improving does not pay, a chain of revisions where it
 * does. With `models` each of them has a θ_wider of its own, and the one that does better is asked more often. The
 * best-scored answer is kept; the first of equals.
 *
 * Cost: `n` calls in n / parallel rounds, plus what the scorer calls. Source: Inoue et al., "Wider or deeper? Scaling LLM
 * inference-time compute with adaptive branching tree search" (AB-MCTS-A), 2025.
 */
export const abMcts = technique({
  name: 'abMcts',
  room: 'search',
  summary: 'answer anew or improve an answer, as scores suggest',
  paper: 'Inoue et al., 2025',
  options: {
    score: option.scorer({ doc: 'of answers, from 0 to `scale`: function, verifier, reward or judge(MODEL)' }),
    n: option.integer({ doc: 'answers written', min: 1, default: 16 }),
    scale: option.number({ doc: 'the best score there is: 10 for a judge', min: 1e-9, default: 1 }),
    models: option.models({ doc: 'asked besides the base; which one is learned', optional: true }),
    prior: option.number({ doc: 'scores of 0 and of 1 supposed beforehand', min: 1, default: 1 }),
    parallel: option.integer({ doc: 'answers under way at once', min: 1, default: 1 }),
    refine: option.prompt(['question', 'answer', 'score'], { doc: 'how an improved answer is asked for', bare: true }),
  },
  calls: 'n',
  rounds: 'ceil(n / parallel)',
  semantics: ({ n }) => ({
    kind: 'heuristic',
    target: `the best-scored of ${n} answers, each drawn from P or revised from one before`,
    why: 'which answers are revised depends on the scores of the ones before',
  }),
  branches: ({ parallel: count, score }) => [{ count, score }],
  async run(base, request, context, { score, n, scale, models = [], prior, parallel, refine }) {
    const authors: readonly Model[] = [base, ...models];
    const reward = (value: number): number => (value > 0 ? Math.min(1, value / scale) : 0); // no number counts 0
    const tree = await grow<Answer>(plant({ sample: undefined, author: -1 }), context, {
      policy: widerOrDeeper(context, authors.length, prior, reward),
      parallel,
      most: n,
      expand: async (places) => {
        const [first] = places;
        const found = await gather(
          context,
          places.map(({ node, at, part }, i) => async (inner: Context) => {
            const here = fork(inner, `node${at}/${part}`);
            const author = here.choice
              .fork('author')
              .categorical(chancesToBeLargest(newAnswers(node, authors.length, prior, reward)));
            const model = authors[author] as Model;
            const sample = await drawOne(model, requestAt(request, model, node, scale, refine), here);
            const after = fork(inner, `after${first?.at}/${first?.part}`);
            const value = await scoreOne(score, sample, request, after, i);
            return { at, part, state: { sample, author }, value };
          }),
          { each: { models: authors, request, score } },
        );
        if (found.some(({ value }) => value < 0 || value > scale)) context.ledger.warn(outOfRange(scale));
        return found.map(({ at, part, state, value }) => {
          progress(context, `${at === '' ? 'a new answer' : 'an improved answer'} scores ${value}`);
          return { at, part, children: [{ state, value, done: false }] };
        });
      },
    });
    const nodes = below(rootOf(tree));
    const best = nodes.toSorted(byValue)[0];
    if (!best?.state.sample) throw new NoCandidates({ technique: 'abMcts', why: 'no draw came back' });
    const by = models.length > 0 ? { model: authors[best.state.author]?.name } : {};
    return annotate(best.state.sample, {
      score: scoreFact(best.value),
      answers: nodes.length,
      depth: best.depth,
      ...by,
    });
  },
});

interface Answer {
  readonly sample: Sample | undefined;
  /** Which of the models wrote it. */
  readonly author: number;
}
type Reward = (value: number) => number;

/** What is known of answering anew at a node, for each of the models. */
const newAnswers = ({ children }: Node<Answer>, authors: number, prior: number, reward: Reward) =>
  Array.from({ length: authors }, (_, author) =>
    posterior(
      children.filter(({ state }) => state.author === author).map(({ value }) => reward(value)),
      prior,
    ),
  );

function widerOrDeeper({ choice }: Context, authors: number, prior: number, reward: Reward): Policy<Answer> {
  return (root, asked) => {
    const draws = choice.fork(`ask/${asked}`);
    const rewards = (nodes: readonly Node<Answer>[]): number[] => nodes.map(({ value }) => reward(value));
    let node = root;
    while (node.children.length > 0) {
      const deeper = posterior(rewards(node.children.flatMap(below)), prior);
      const arms = [...newAnswers(node, authors, prior, reward), deeper];
      if (draws.categorical(chancesToBeLargest(arms)) < authors) break;
      const known = node.children.map((child) => posterior(rewards([child, ...below(child)]), prior));
      node = node.children[draws.categorical(chancesToBeLargest(known))] as Node<Answer>;
    }
    return node.id;
  };
}

/** The question at the root; elsewhere, that the answer of the node is to be improved. */
function requestAt(
  request: Request,
  model: Model,
  node: Node<Answer>,
  scale: number,
  given: string | undefined,
): Request {
  const { sample } = node.state;
  if (!sample) return request;
  const answer = textOf(sample.content) || '(nothing)';
  const parts = {
    question: questionOf(request.prompt),
    answer,
    score: `${Number(node.value.toPrecision(3))} of ${scale}`,
  };
  const refine = promptFor(model, 'abMcts.refine', given, REFINE);
  return { ...request, prompt: saying(refine, parts, request.prompt, [...request.prompt, assistant(answer)]) };
}

const outOfRange = (scale: number) => ({
  code: 'score-range',
  message: `abMcts: a score lies outside 0 to ${scale} and counts as the nearer of them. Set \`scale\` to the best score there is.`,
});

export const REFINE = ({ score }: { readonly score: string }): string =>
  `Your answer above was scored ${score}. Find what keeps it from the best score, and answer the task again without that fault. Reply in the form the task asks for, and do not mention the score.`;
