/** A reward without a judge: how much likelier the model finds a text once it is told the principles. */
import {
  inProse,
  attempt,
  fork,
  gather,
  promptFor,
  questionOf,
  withQuestion,
  type Context,
  type Model,
  type Request,
} from '../../core/index.ts';

/**
 * log P(y | x, principles) − log P(y | x) for each text: two scores a text, side by side. What a budget does not allow is
 * no better and no worse than it was.
 */
export async function likelihoodRewards(
  model: Model,
  request: Request,
  texts: readonly string[],
  context: Context,
  { principles, guide }: { readonly principles: string; readonly guide: string | undefined },
): Promise<number[]> {
  const guiding = promptFor(model, 'prefer.guide', guide, GUIDE);
  const plain = inProse(request);
  const said = guiding.say({ question: questionOf(request.prompt), principles });
  const guided = { ...plain, prompt: withQuestion(request.prompt, said) };
  const found = await gather(
    context,
    texts.map((text, i) => async (inner: Context) => {
      const scored = (asked: Request, key: string) =>
        attempt(inner, Promise.resolve(model.score?.(asked, text, fork(inner, `score/${i}/${key}`))));
      const [told, untold] = await Promise.all([scored(guided, 'told'), scored(plain, 'untold')]);
      return [i, told && untold ? Math.max(LEAST, told.logprob - untold.logprob) : 0] as const;
    }),
  );
  const known = new Map(found);
  return texts.map((_, i) => known.get(i) ?? 0);
}

/** For a text that the principles rule out: finite, so that texts that are all ruled out are as good as each other. */
const LEAST = -Number.MAX_VALUE;

export const GUIDE = ({ question, principles }: { readonly question: string; readonly principles: string }): string =>
  `${question}\n\nWhat is wanted of the reply:\n${principles.replaceAll(/^/gm, '- ')}`;
