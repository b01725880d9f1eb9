import { extractAnswer, gather, progress } from '../core/index.ts';
import type { AnswerFormat, Context, Model, Request, Sample } from '../core/index.ts';

interface Until {
  readonly n: number;
  readonly extract: AnswerFormat;
  /** How many draws are begun before the ones before them are seen. Default: all. */
  readonly batch?: number;
  /** Asked after each draw, with the answers so far in the order of the draws. */
  readonly stops: (answers: readonly (string | null)[]) => boolean;
}

/** At most `n` draws, ended by a rule over their answers: draw i stands at the same address whatever the rule. */
export function drawUntil(
  base: Model,
  request: Request,
  context: Context,
  { n, extract, batch = n, stops }: Until,
): Promise<Sample[]> {
  const tasks = Array.from({ length: n }, (_, i) => async (inner: Context) => {
    const { samples } = await base.sample({ ...request, n: 1, from: i }, inner);
    return samples[0] as Sample;
  });
  const answers: (string | null)[] = [];
  return gather(context, tasks, {
    concurrency: base.can.concurrency,
    batch,
    until(samples) {
      const answer = extractAnswer(samples.at(-1) as Sample, request, extract);
      report(context, answer, answers.length, n);
      answers.push(answer);
      return stops(answers);
    },
  });
}

/** Tells of one vote. */
export function report(context: Context, answer: string | null, i: number, n: number): void {
  progress(context, `draw ${i + 1} of ${n}: ${answer ?? 'no answer'}`);
}
