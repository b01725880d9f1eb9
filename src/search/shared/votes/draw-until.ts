import { answerIn, checkDraws, drawOne, gather, progress } from '../../../core/index.ts';
import type { AnswerFormat, Context, Model, Request, Sample } from '../../../core/index.ts';
import { runningVote } from './running-vote.ts';
import type { StopRule } from './stop-rules.ts';

interface Until {
  readonly n: number;
  readonly extract: AnswerFormat;
  /** Draws to begin beyond those that the rule is sure to need. */
  readonly ahead: number;
  readonly rule: StopRule;
}

/**
 * Draws until a rule over the answers says stop, at most `n` times. Draw i has the same address whatever the rule is. Draws
 * start in waves, each as large as the rule is sure to need: with `ahead` 0 no draw is wasted.
 */
export function drawUntil(
  base: Model,
  request: Request,
  context: Context,
  { n, extract, ahead, rule }: Until,
): Promise<Sample[]> {
  checkDraws(base.name, n);
  const at = (i: number) => (inner: Context) => drawOne(base, { ...request, from: i }, inner);
  const votes = runningVote();
  return gather(
    context,
    { length: n, at },
    {
      alike: true,
      each: { models: [base], request },
      concurrency: base.can.concurrency,
      batch: () => ahead + rule.needs(votes, n - votes.count),
      until(samples) {
        const answer = answerIn(samples.at(-1) as Sample, request, extract);
        reportVote(context, answer?.text ?? null, votes.count, n);
        votes.add(answer);
        return rule.stops(votes);
      },
    },
  );
}

/** Reports the answer of one vote as progress. */
export function reportVote(context: Context, answer: string | null, i: number, n: number): void {
  progress(context, `draw ${i + 1} of ${n}: ${answer ?? 'no answer'}`);
}
