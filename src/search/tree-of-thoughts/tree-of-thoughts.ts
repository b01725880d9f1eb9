import {
  annotate,
  attempt,
  drawOne,
  draftAt,
  fork,
  gather,
  option,
  progress,
  promptFor,
  technique,
  withQuestion,
  type Context,
  type Options,
  type Sample,
} from '../../core/index.ts';
import { scoreAll, scoreFact } from '../shared/scores.ts';
import { below, grow, plant, rootOf, type Growth, type Node, type Place } from '../shared/tree.ts';
import { breadthFirst, depthFirst } from './frontier.ts';
import {
  firstThought,
  partsOf,
  propose,
  sampleNext,
  sampleOf,
  stepsOf,
  valueEach,
  voteBetween,
  withStep,
  type Asking,
  type Expand,
  type Parts,
  type ReadProposals,
  type Thought,
} from './thoughts.ts';

const STEPS = ['question', 'state', 'steps'];
const OPTIONS = {
  search: option.oneOf(['bfs', 'dfs'], { doc: 'level by level, or the best first and back', default: 'bfs' }),
  depth: option.integer({ doc: 'steps of a solution, at most', min: 1, default: 3 }),
  breadth: option.integer({ doc: 'thoughts kept a level (bfs)', min: 1, default: 5 }),
  thoughts: option.oneOf(['propose', 'sample'], { doc: 'several in one reply, or one a reply', default: 'propose' }),
  proposals: option.integer({ doc: 'next steps of a thought, at most', min: 1, default: 8 }),
  values: option.oneOf(['value', 'vote'], { doc: 'each by itself, or all compared', default: 'value' }),
  votes: option.integer({ doc: 'verdicts on a thought, or votes on a level', min: 1, default: 3 }),
  score: option.scorer({ doc: 'of the steps so far, in place of verdicts and votes', optional: true }),
  threshold: option.number({ doc: 'value at or below which a thought is given up (dfs)', default: 0.003 }),
  nodes: option.integer({ doc: 'thoughts gone on from, at most (dfs)', min: 1, default: 20 }),
  expand: option.callback<Expand>()({ doc: 'next steps of a thought, in place of asking for them', optional: true }),
  read: option.callback<ReadProposals>()({ doc: 'next steps in a reply; default: one a line', optional: true }),
  isDone: option.callback<(thought: Thought) => boolean>()({ doc: 'whether a thought is a solution', optional: true }),
  ending: option.oneOf(['ask', 'steps'], {
    doc: 'what the answer is: asked for with the steps, or the steps',
    default: 'ask',
  }),
  answer: option.callback<(thought: Thought) => string>()({
    doc: 'the answer of a thought, without a call',
    optional: true,
  }),
  propose: option.prompt([...STEPS, 'count'], { doc: 'how next steps are asked for' }),
  next: option.prompt(STEPS, { doc: 'how one next step is asked for' }),
  value: option.prompt(STEPS, { doc: 'how a verdict is asked for' }),
  vote: option.prompt(['question', 'choices'], { doc: 'how a vote is asked for' }),
  respond: option.prompt(STEPS, { doc: 'how the answer is asked for' }),
};

/**
 * Searches a tree whose nodes are partial solutions: the model proposes next steps and says how promising each is.
 *
 *     P'(y) = Σ_s P(s is the most valued thought kept) P(y | x, s)
 *     bfs:  S_t = the `breadth` most valued of { s·z : s in S_t−1, z proposed for s },  S_0 = {question}
 *     dfs:  from the most valued child down to the first solution, back where a value is at most `threshold`
 *
 * A value is the sum of `votes` verdicts (sure 20, likely 1, impossible 0.001), or the votes of a level whose thoughts are
 * all compared, or `score`. A proposal is a line of the reply. What is left after it stands at the end of the line, as in
 * "(left: 4 6 10)"; without that, what is left is all steps so far. `read`, or `expand` without a model, takes other forms. A
 * thought proposed twice on a level is valued once. It helps where a first step decides and can be judged. It does little
 * for prose, and many samples and a check often do as much for the same money. At a budget's limit the best steps so far
 * are the answer.
 *
 * Cost: for bfs at most (1 + breadth·(depth−1)) · (1 + proposals·votes) + 1 calls in 2·depth + 1 rounds. Source: Yao et
 * al., "Tree of thoughts: deliberate problem solving with large language models", 2023.
 */
export const treeOfThoughts = technique({
  name: 'treeOfThoughts',
  room: 'search',
  summary: 'propose steps, value them, search the tree',
  paper: 'Yao et al., 2023',
  options: OPTIONS,
  calls: '(1 + breadth * (depth - 1)) * (1 + proposals * votes) + 1',
  rounds: '2 * depth + 1',
  semantics: ({ search }) => ({
    kind: 'heuristic',
    target: `the most valued path that ${search} finds in a tree of proposals drawn from P`,
    why: 'proposals, verdicts and what is kept follow from prompts and their replies',
  }),
  branches: (options) => {
    const { search, breadth, proposals, votes, score } = options;
    const count = search === 'bfs' ? breadth : 1;
    return [
      { count, draws: drawsOf(options) },
      { count: count * proposals, draws: score ? 0 : votes, score },
    ];
  },
  async run(base, request, context, options) {
    const asking: Asking = { base, request, wording: options };
    const { search, nodes } = options;
    const frontier = (root: Node<Thought>) =>
      search === 'bfs' ? breadthFirst(root, options) : depthFirst(root, options);
    const tree = await grow<Thought>(plant(firstThought(request)), context, {
      policy: (root) => frontier(root).open,
      parallel: search === 'bfs' ? Number.MAX_SAFE_INTEGER : 1,
      most: search === 'bfs' ? Number.MAX_SAFE_INTEGER : nodes,
      expand: (places) => expandAll(asking, context, places, options),
    });
    const root = rootOf(tree);
    const { found } = frontier(root);
    const best = found[0] ?? root;
    if (best === root) context.ledger.warn(NO_THOUGHTS);
    const facts = { value: scoreFact(best.value), steps: best.depth, thoughts: below(root).length };
    return annotate(await respond(asking, context, best, options), {
      ...facts,
      kept: found.map(({ state }) => stepsOf(state)),
    });
  },
});

type Settings = Options<typeof OPTIONS>;

/** Draws of the base for the next steps of one thought. */
const drawsOf = ({ expand, thoughts, proposals }: Settings): number =>
  expand || thoughts === 'propose' ? 1 : proposals;

/** Expansions side by side: next steps of each thought, then what all that is new is worth. */
async function expandAll(
  asking: Asking,
  context: Context,
  places: ReadonlyArray<Place & { readonly node: Node<Thought> }>,
  settings: Settings,
): Promise<readonly Growth<Thought>[]> {
  const { expand, read, thoughts, proposals, values, votes, score, isDone = () => false } = settings;
  const proposed = await gather(
    context,
    places.map(({ at, part, node: { state } }) => async (inner: Context) => {
      const here = fork(inner, `node${at}/${part}`);
      const steps = expand
        ? await expand(state, here)
        : thoughts === 'propose'
          ? await propose(asking, state, here, { count: proposals, read })
          : await sampleNext(asking, state, here, proposals);
      return { at, part, found: steps.map((step) => withStep(state, step)) };
    }),
    { each: { models: [asking.base], request: asking.request, draws: drawsOf(settings) } },
  );
  const all = proposed.flatMap(({ found }) => found);
  const texts = all.map(stepsOf);
  const once = all.filter((_, i) => texts.indexOf(texts[i] as string) === i);
  const level = fork(context, `values${places[0]?.at}`);
  const worth = score
    ? await scoreAll(score, once.map(sampleOf), asking.request, level)
    : once.length === 0
      ? []
      : await (values === 'vote' ? voteBetween : valueEach)(asking, once, level, votes);
  const known = new Map(once.map((thought, i) => [thought, worth[i] as number]));
  progress(context, `${once.length} thoughts, the best is worth ${Math.max(...worth)}`);
  return proposed.map(({ found, ...place }) => ({
    ...place,
    children: found.map((state) => ({ state, value: known.get(state) ?? Number.NaN, done: isDone(state) })),
  }));
}

/** The answer that the best steps lead to; the steps themselves where no budget is left to write it. */
async function respond(
  { base, request }: Asking,
  context: Context,
  { state, depth }: Node<Thought>,
  { ending, answer, respond: given }: Settings,
): Promise<Sample> {
  if (depth === 0) return drawOne(base, request, draftAt(context, 'answer'));
  if (answer) return { ...sampleOf(state), content: [{ type: 'text', text: answer(state) }], finish: ENDED };
  if (ending === 'steps') return { ...sampleOf(state), finish: ENDED };
  const asking = promptFor(base, 'treeOfThoughts.respond', given, RESPOND);
  const prompt = withQuestion(request.prompt, asking.say(partsOf(state)));
  return (await attempt(context, drawOne(base, { ...request, prompt }, draftAt(context, 'answer')))) ?? sampleOf(state);
}

const ENDED = { unified: 'stop', raw: 'solution' } as const;
const NO_THOUGHTS = {
  code: 'no-thoughts',
  message: 'treeOfThoughts: no next step was proposed in the form asked for, so the question is answered as it is.',
};

export const RESPOND = ({ question, steps }: Parts): string =>
  `${question}\n\nSteps of a solution that have been found:\n${steps}\n\nAnswer the question with them.`;
