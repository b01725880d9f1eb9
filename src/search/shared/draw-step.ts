/** Steps that are drawn one at a time: what is written ends with the step, and no token is paid for that is cut off. */
import {
  attempt,
  fork,
  InvalidOption,
  metStopSequence,
  option,
  textOf,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { checkSteps, goOn, onFrom, type StepSettings, type Thought } from './steps.ts';

/** An option of techniques that look at beginnings only. */
export const DRAW = option.oneOf(['whole', 'step'], {
  doc: 'what a draw writes: the answer to its end, or the next step alone, where a back end says what ended it',
  default: 'whole',
});
type Draw = Options<{ draw: typeof DRAW }>;
type Settings = StepSettings & Draw & { readonly technique: string };

/** The rule of the step options that is broken, if one is. */
export function checkDraw(options: StepSettings & Draw): { option: 'separator' | 'draw'; rule: string } | undefined {
  return options.draw === 'step' && options.by === 'prompt'
    ? { option: 'draw', rule: 'must be "whole" with by="prompt", where only the rest of an answer tells the last step' }
    : checkSteps(options);
}

/** One step further, `n` times over, as the options say. A blank line is a step of its own where a draw ends with it. */
export async function drawStep(
  base: Model,
  request: Request,
  context: Context,
  thought: Thought,
  n: number,
  settings: Settings,
): Promise<readonly Thought[]> {
  if (settings.draw === 'whole') return goOn(base, request, context, thought, n, settings);
  const asked = { ...request, n, stopSequences: [...(request.stopSequences ?? []), settings.separator] };
  const { samples } = await onFrom(base, asked, thought.text, context);
  return samples.map((sample) => stepOf(sample, thought.text, settings));
}

/** The answer that a thought has become: written to its end where it is not, and where a budget allows it. */
export async function ended(
  base: Model,
  request: Request,
  context: Context,
  thought: Thought,
  { draw }: Draw,
): Promise<Sample | undefined> {
  if (draw === 'whole' || thought.done || context.ledger.exhausted !== undefined) return thought.whole;
  const last = await attempt(context, onFrom(base, { ...request, n: 1 }, thought.text, fork(context, 'end')));
  return last?.samples[0] ?? thought.whole;
}

function stepOf(sample: Sample, before: string, { separator, technique }: Settings): Thought {
  const written = textOf(sample.content);
  const at = written.indexOf(separator, before.length); // a back end that knows no stop sequences wrote on
  if (at !== -1) return begun(sample, written.slice(0, at + separator.length));
  const met = metStopSequence(sample.finish);
  if (met === undefined)
    throw new InvalidOption({
      where: technique,
      option: 'draw',
      rule: 'must be "whole" for a back end that does not say whether a stop sequence ended a text',
      value: 'step',
    });
  if (!met) return { text: written, whole: sample, done: true };
  return begun(sample, written + separator);
}

function begun(sample: Sample, text: string): Thought {
  const others = sample.content.filter(({ type }) => type !== 'text');
  const { logprob: _logprob, tokens: _tokens, ...facts } = sample;
  const whole: Sample = { ...facts, content: [...others, { type: 'text', text }], finish: UNFINISHED };
  return { text, whole, done: false };
}

const UNFINISHED = { unified: 'interrupted', raw: 'step' } as const;
