/** Steps that are drawn one at a time: a draw ends with its step, so that no token is paid for and cut off. */
import {
  attempt,
  fork,
  InvalidOption,
  metStopSequence,
  option,
  rewritten,
  writtenOf,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { checkSteps, drawAndCut, drawFrom, type Beginning, type StepSettings } from './steps.ts';

/** An option of techniques that look at beginnings only. */
export const DRAW = option.oneOf(['whole', 'step'], {
  doc: 'what a draw writes: the answer to its end, or the next step alone, where a back end says what ended it',
  default: 'whole',
});
type Draw = Options<{ draw: typeof DRAW }>;
type Settings = StepSettings & Draw & { readonly technique: string };

/** The rule that the step options break, if they break one. */
export function checkDraw(options: StepSettings & Draw): { option: 'separator' | 'draw'; rule: string } | undefined {
  return options.draw === 'step' && options.by === 'prompt'
    ? { option: 'draw', rule: 'must be "whole" with by="prompt", where only the rest of an answer tells the last step' }
    : checkSteps(options);
}

/** Draws the next step `n` times, in the way that `draw` says. A blank line that ends a draw is a step of its own. */
export async function drawSteps(
  base: Model,
  request: Request,
  context: Context,
  beginning: Beginning,
  n: number,
  settings: Settings,
): Promise<readonly Beginning[]> {
  if (settings.draw === 'whole') return drawAndCut(base, request, context, beginning, n, settings);
  const asked = { ...request, n, stopSequences: [...(request.stopSequences ?? []), settings.separator] };
  const { samples } = await drawFrom(base, asked, beginning.text, context);
  return samples.map((sample) => readStep(sample, beginning.text, settings));
}

/** The answer with this beginning: written to its end now where it is not yet, as far as the budget allows it. */
export async function completed(
  base: Model,
  request: Request,
  context: Context,
  beginning: Beginning,
  { draw }: Draw,
): Promise<Sample | undefined> {
  if (draw === 'whole' || beginning.done || context.ledger.exhausted !== undefined) return beginning.whole;
  const last = await attempt(context, drawFrom(base, { ...request, n: 1 }, beginning.text, fork(context, 'end')));
  return last?.samples[0] ?? beginning.whole;
}

function readStep(sample: Sample, before: string, { separator, technique }: Settings): Beginning {
  const written = writtenOf(sample);
  const at = written.indexOf(separator, before.length); // a back end that knows no stop sequences wrote on
  if (at !== -1) return unfinished(sample, written.slice(0, at + separator.length));
  const met = metStopSequence(sample.finish);
  if (met === undefined)
    throw new InvalidOption({
      where: technique,
      option: 'draw',
      rule: 'must be "whole" for a back end that does not say whether a stop sequence ended a text',
      value: 'step',
    });
  if (!met) return { text: written, whole: sample, done: true };
  return unfinished(sample, written + separator);
}

function unfinished(sample: Sample, text: string): Beginning {
  const { logprob: _logprob, tokens: _tokens, ...facts } = sample;
  return { text, whole: { ...rewritten(facts, text), finish: UNFINISHED }, done: false };
}

const UNFINISHED = { unified: 'interrupted', raw: 'step' } as const;
