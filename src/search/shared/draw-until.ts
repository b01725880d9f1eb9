import { extractAnswer, gather, progress } from '../../core/index.ts';
import type { AnswerFormat, Context, Model, Request, Sample } from '../../core/index.ts';
import type { StopRule } from './vote.ts';

interface Until {
  readonly n: number;
  readonly extract: AnswerFormat;
  /** Draws begun beyond those that the rule is sure to need. */
  readonly ahead: number;
  readonly rule: StopRule;
}

/**
 * At most `n` draws, ended by a rule over their answers: draw i stands at the same address whatever the rule. Draws come in
 * waves of as many as the rule cannot do without, so that with none `ahead` no draw is begun for nothing.
 */
export function drawUntil(
  base: Model,
  request: Request,
  context: Context,
  { n, extract, ahead, rule }: Until,
): Promise<Sample[]> {
  const tasks = Array.from({ length: n }, (_, i) => async (inner: Context) => {
    const { samples } = await base.sample({ ...request, n: 1, from: i }, inner);
    return samples[0] as Sample;
  });
  const answers: (string | null)[] = [];
  return gather(context, tasks, {
    concurrency: base.can.concurrency,
    batch: () => ahead + rule.needs(answers, n - answers.length),
    until(samples) {
      const answer = extractAnswer(samples.at(-1) as Sample, request, extract);
      report(context, answer, answers.length, n);
      answers.push(answer);
      return rule.stops(answers);
    },
  });
}

/** Tells of one vote. */
export function report(context: Context, answer: string | null, i: number, n: number): void {
  progress(context, `draw ${i + 1} of ${n}: ${answer ?? 'no answer'}`);
}
