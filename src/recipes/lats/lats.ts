import {
  annotate,
  attempt,
  fork,
  inProse,
  option,
  progress,
  promptFor,
  technique,
  textOf,
  withQuestion,
  type Context,
  type Model,
  type Options,
  type Parts,
  type Request,
  type Sample,
  type Scorer,
  NoCandidates,
} from '../../core/index.ts';
import { endOf, givesFinalAnswer, ratingIn } from '../../core/reading/index.ts';
import { put } from '../../core/technique/put.ts';
import { askedIn, type Asked } from '../../decompose/shared/parts.ts';
import { upperConfidence } from '../../search/mcts/mcts.ts';
import { byValue, scoreAll, scoreFact } from '../../search/shared/scores.ts';
import { below, grow, plant, rootOf, type Node, type Policy } from '../../search/shared/tree.ts';

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
 * Searches the tree of thoughts by what they are worth, and learns from ends that fail. Each step draws `width` thoughts at
 * the beginning with the best upper confidence bound, values them, and reflects in words on the first end that falls short
 * of `threshold`. Later thoughts are drawn with the reflections in view. An end that is good enough ends the search. The
 * answer is written from the best end there is, or else from the best beginning.
 *
 *     P'(y) = Σ over trees of P(tree | x) P(y | x, its best end)
 *     next child = argmax over children i of  mean_i + exploration · sqrt(ln N / N_i),   thought ~ P(· | x, beginning, reflections)
 *
 * N_i counts i itself and the steps made at or below it. mean_i is their mean worth; a step is worth the best thought it drew.
 *
 * It differs from the paper in two ways: the value of a beginning stands in for playing it out, and acting is left to the
 * base, so put it on a base that uses tools. It never sees the gold answer unless you make the scorer from it. It helps where
 * a wrong turn is seen soon. Where the base cannot tell good from bad, it is an expensive draw.
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
    const says = thinker(base, request, options);
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
        const inView = reflections.slice(-memory).map((one) => `- ${one}`);
        const view = { steps: node.state.steps, reflections: inView.join('\n') };
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
        const thought = best?.state.steps.split('\n').at(-1);
        progress(context, `${thought} (${best?.value})${lesson ? `\nlesson: ${lesson}` : ''}`);
        return [{ at, part, children }];
      },
    });
    const nodes = below(rootOf(tree)).toSorted(byValue);
    const best = nodes.find(({ state }) => state.isEnd) ?? nodes[0];
    if (!best) throw new NoCandidates({ technique: 'lats', why: 'no thought came back' });
    const draw = last(base, says.closing(best.state), fork(context, 'answer'));
    // A thought on the way is no answer, and an end is one even where no call is left to write it out.
    const answer = best.state.isEnd ? ((await attempt(context, draw)) ?? (best.state.sample as Sample)) : await draw;
    return annotate(answer, { score: scoreFact(best.value), thoughts: nodes.length, depth: best.depth, reflections });
  },
});

/** A beginning: thoughts in a row. */
interface Thought {
  /** All thoughts to here, one a line. */
  readonly steps: string;
  /** Whether the last of them gives the final answer. */
  readonly isEnd: boolean;
  readonly sample: Sample | undefined;
}
const NO_THOUGHT: Thought = { steps: '', isEnd: false, sample: undefined };

const goodEnd = (root: Node<Thought>, threshold: number): boolean =>
  below(root).some(({ state, value }) => state.isEnd && value >= threshold);

/** What the search says to its base: it asks for thoughts, for what they are worth, and for why an end failed. */
function thinker(base: Model, request: Request, { score, ...wording }: Options<typeof OPTIONS>) {
  const thinking = promptFor<Said>(base, 'lats.step', wording.step, STEP);
  const rating = promptFor<Said>(base, 'lats.value', wording.value, VALUE);
  const reflecting = promptFor<Failed>(base, 'lats.reflect', wording.reflect, REFLECT);
  const answering = promptFor<Said>(base, 'lats.answer', wording.answer, ANSWER);
  const asked = { ...askedIn(request) };
  return {
    /** `width` next thoughts. */
    async think(view: View, width: number, at: Context): Promise<readonly Thought[]> {
      const prompt = withQuestion(request.prompt, thinking.say({ ...asked, ...view }));
      const { samples } = await base.sample({ ...inProse(request), prompt, n: width }, fork(at, 'think'));
      return samples.map((sample) => {
        const lines = thinking.read(textOf(sample.content)).split('\n');
        const thought = lines
          .map((line) => line.trim())
          .filter(Boolean)
          .join(' ');
        return { steps: [view.steps, thought].filter(Boolean).join('\n'), isEnd: givesFinalAnswer(thought), sample };
      });
    },
    /** What each is worth: by the scorer, which is shown all thoughts to there, or by the base, from 0 to 1. */
    async rate(thoughts: readonly Thought[], reflections: string, at: Context): Promise<readonly number[]> {
      const shown = thoughts.map(({ steps, sample }): Sample => {
        const content = [{ type: 'text' as const, text: steps }];
        return { ...(sample as Sample), content, answer: undefined };
      });
      const byBase: Scorer = async ({ content }, _, inner) => {
        const parts = { ...asked, steps: textOf(content), reflections };
        const { text } = await put(base, request, inner, rating, parts);
        const rated = ratingIn(text, { from: 0, to: 10 });
        if (rated === undefined) inner.ledger.warn(noRating(text));
        return rated === undefined ? Number.NaN : rated / 10;
      };
      return scoreAll(score ?? byBase, shown, request, fork(at, 'rate'));
    },
    /** Why an end failed, in words. */
    async reflect({ steps }: Thought, value: number, at: Context): Promise<string> {
      const parts = { ...asked, steps, reflections: '', score: String(scoreFact(value) ?? 'nothing') };
      return (await put(base, request, fork(at, 'reflect'), reflecting, parts)).text;
    },
    /** The request for the answer, in its own form. */
    closing: ({ steps }: Thought): Request => ({
      ...request,
      prompt: withQuestion(request.prompt, answering.say({ ...asked, steps, reflections: '' })),
    }),
  };
}

/** What a thought is drawn in view of. */
interface View extends Parts {
  readonly steps: string;
  readonly reflections: string;
}
type Said = View & Asked;
type Failed = Said & { readonly score: string };

const noRating = (reply: string) => ({
  code: 'no-rating',
  message: `lats: the base gave a thought no rating from 0 to 10, which counts as the lowest: its reply ends ${endOf(reply)}`,
});

const lessons = (reflections: string): string =>
  reflections && `Lessons from attempts that failed:\n${reflections}\n\n`;
export const STEP = ({ question, steps, reflections }: Said): string =>
  `${question}\n\n${lessons(reflections)}${steps && `Thoughts so far:\n${steps}\n\n`}Write the next thought only, in one or two sentences. If it completes the task, write instead: Final answer: ...`;
export const VALUE = ({ question, steps, reflections }: Said): string =>
  `${question}\n\n${lessons(reflections)}Thoughts so far:\n${steps}\n\nHow likely do these thoughts lead to the right answer, or are it? Reply with a number from 0 (certainly wrong) to 10 (certainly right) and nothing else.`;
export const REFLECT = ({ question, steps, score }: Failed): string =>
  `${question}\n\nThis attempt was rated ${score}:\n${steps}\n\nSay in one or two sentences what went wrong and what to do differently next time. Do not answer the task.`;
export const ANSWER = ({ question, steps }: Said): string =>
  `${question}\n\nThoughts on it:\n${steps}\n\nNow answer the task, in the form it asks for.`;
