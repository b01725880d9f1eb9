/** A text that grows step by step: how it is gone on with, where a step ends, and what a scorer is shown of it. */
import {
  applyScorer,
  assistant,
  attempt,
  fork,
  gather,
  option,
  promptFor,
  questionOf,
  saying,
  textOf,
  type Capability,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
  type Sampled,
  type Scorer,
} from '../../core/index.ts';

/** The beginning of an answer, and the answer it was cut from, whole or as far as it is written. */
export interface Thought {
  readonly text: string;
  readonly whole: Sample | undefined;
  /** Whether the text is the whole answer. */
  readonly done: boolean;
}

/** The beginning of every answer. */
export const NOTHING_YET: Thought = { text: '', whole: undefined, done: false };

/** The options of every technique that works on steps. */
export const STEP_OPTIONS = {
  separator: option.text({ doc: 'what ends a step', default: '\n' }),
  by: option.oneOf(['prefix', 'prompt'], {
    doc: 'how a text goes on: from its beginning, or, for models that can only be sampled, by asking for the rest',
    default: 'prefix',
  }),
  rest: option.prompt(['question', 'steps'], { doc: 'how the rest is asked for with by="prompt"', bare: true }),
};
export type StepSettings = Options<typeof STEP_OPTIONS>;

export const stepNeeds = ({ by }: StepSettings): readonly Capability[] => (by === 'prefix' ? ['continueFrom'] : []);

/** The rule of the step options that is broken, if one is. */
export const checkSteps = ({ separator }: StepSettings): { option: 'separator'; rule: string } | undefined =>
  separator === '' ? { option: 'separator', rule: 'must not be empty' } : undefined;

/** One step further, `n` times over. Each draw is written to its end and cut behind its next step. */
export async function goOn(
  base: Model,
  request: Request,
  context: Context,
  { text }: Thought,
  n: number,
  settings: StepSettings & { readonly technique: string },
): Promise<readonly Thought[]> {
  const { technique, by, rest } = settings;
  if (text === '' || (by === 'prefix' && base.continueFrom)) {
    const { samples } = await onFrom(base, { ...request, n }, text, context);
    return samples.map((whole) => cut(whole, text, settings));
  }
  const asking = promptFor(base, `${technique}.rest`, rest, REST);
  const parts = { question: questionOf(request.prompt), steps: text };
  const prompt = saying(asking, parts, request.prompt, [...request.prompt, assistant(text)]);
  const { samples } = await base.sample({ ...request, prompt, n }, context);
  return samples.map(({ logprob: _logprob, tokens: _tokens, ...sample }) => {
    const joined = text + asking.read(textOf(sample.content)).trimStart();
    const others = sample.content.filter(({ type }) => type !== 'text');
    return cut({ ...sample, content: [...others, { type: 'text', text: joined }] }, text, settings);
  });
}

/** Draws of the base that begin with a text. */
export function onFrom(base: Model, request: Request, text: string, context: Context): Promise<Sampled> {
  return text !== '' && base.continueFrom ? base.continueFrom(request, text, context) : base.sample(request, context);
}

/**
 * Cuts behind the first separator that has something before it; what has none is at its end. What the draw went on to
 * behind the cut decides nothing, or the next draw would not be from the base given the beginning. Where the rest is
 * asked for in words that is past hope, and blank space at the end of a text is its end.
 */
function cut(whole: Sample, before: string, { separator, by }: StepSettings): Thought {
  const text = textOf(whole.content);
  for (let at = text.indexOf(separator, before.length); at !== -1; at = text.indexOf(separator, at + 1)) {
    const end = at + separator.length;
    if (by === 'prompt' && text.slice(end).trim() === '') break;
    if (text.slice(before.length, at).trim() !== '') return { text: text.slice(0, end), whole, done: false };
  }
  return { text, whole, done: true };
}

/** What a scorer is shown: the text so far, as a sample. */
export function shownOf({ text, whole, done }: Thought): Sample {
  if (done && whole) return whole;
  return {
    content: [{ type: 'text', text }],
    finish: { unified: 'other', raw: 'step' },
    weight: 1,
    semantics: whole?.semantics ?? { kind: 'heuristic', target: 'P', why: 'nothing is written yet' },
    providerMetadata: whole?.providerMetadata,
  };
}

/** The scores of samples, side by side. What no budget is left to score, or fails to be, has no number. */
export async function scoreAll(
  score: Scorer,
  samples: readonly Sample[],
  request: Request,
  context: Context,
): Promise<readonly number[]> {
  const tasks = samples.map((sample, i) => async (inner: Context) => {
    const work = applyScorer(score, sample, request, fork(inner, `score/${i}`));
    return [i, (await attempt(inner, work)) ?? Number.NaN] as const;
  });
  const known = new Map(tasks.length > 0 ? await gather(context, tasks) : []);
  return samples.map((_, i) => known.get(i) ?? Number.NaN);
}

/** Best first; among equals the first stays first, and what has no number stands last. */
export const byValue = (a: { readonly value: number }, b: { readonly value: number }): number =>
  rank(b.value) - rank(a.value) || 0;
const rank = (value: number): number =>
  Number.isNaN(value) ? -Number.MAX_VALUE : Math.max(-1e300, Math.min(1e300, value));

/** A score as a fact about a sample; `null` where there is none. */
export const fact = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const REST = (): string =>
  `Your answer above is unfinished. Write what comes next, to the end of the answer. Begin exactly where it stops, and repeat nothing of it.`;
