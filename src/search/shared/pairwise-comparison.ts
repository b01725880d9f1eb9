import { shownAs, attempt, both, fork, option, promptFor, questionOf, saying } from '../../core/index.ts';
import type { Context, Model, Request, Sample } from '../../core/index.ts';
import { endOf, preferenceIn } from '../../core/reading/index.ts';
import { opinion } from './opinion.ts';

/** Options of the techniques that compare two candidates at a time. */
export const PAIRWISE = {
  judge: option.model({ doc: 'the model that compares; the base itself if left out', optional: true }),
  compare: option.prompt(['first', 'second'], { doc: 'how a comparison is asked for' }),
};

interface Judging {
  readonly judge: Model;
  readonly compare: string | undefined;
}

/**
 * Compares two candidates in both orders, with 2 calls side by side, so that a judge's preference for a place cancels out.
 * Above 0 the first candidate is better, below 0 the second. 0 is a tie: the judge said so, the two verdicts contradict each
 * other, or there was no verdict.
 */
export async function compared(
  [a, b]: readonly [Sample, Sample],
  request: Request,
  context: Context,
  judging: Judging,
): Promise<number> {
  const [straight, turned] = await both(
    context,
    (inner) => attempt(inner, verdict([a, b], request, fork(inner, 'order/0'), judging)),
    (inner) => attempt(inner, verdict([b, a], request, fork(inner, 'order/1'), judging)),
  );
  return (straight ?? 0) - (turned ?? 0);
}

/** 1 if the candidate shown first is better, -1 if the second is, 0 if neither. */
async function verdict(
  [a, b]: readonly [Sample, Sample],
  request: Request,
  context: Context,
  { judge, compare }: Judging,
): Promise<number> {
  const comparing = promptFor(judge, 'tournament.compare', compare, COMPARE);
  const parts = { question: questionOf(request.prompt), first: shownAs(a), second: shownAs(b) };
  const said = comparing.read(await opinion(judge, request, saying(comparing, parts, request.prompt), context));
  const better = preferenceIn(said, { count: 2, by: 'letter', tie: true });
  if (better === undefined)
    context.ledger.warn({
      code: 'no-verdict',
      message: `A comparison by ${judge.name} ends without a verdict and counts as a tie: its reply ends ${endOf(said)}. Use another \`judge\`, or word \`compare\` for it.`,
    });
  return better === 0 ? 1 : better === 1 ? -1 : 0;
}

export const COMPARE = ({ first, second }: { readonly first: string; readonly second: string }): string =>
  `Here are two answers to the task above:\n\n[Answer A]\n${first}\n\n[Answer B]\n${second}\n\nWhich one is better? Judge by whether it is right and does what the task asks, not by its length or place. End your reply with one line of this form: Better: A, Better: B or Better: TIE`;
