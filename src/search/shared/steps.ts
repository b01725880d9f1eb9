/** An answer that is written step by step: how it goes on, where a step ends, and what a scorer is shown of it. */
import {
  assistant,
  option,
  promptFor,
  questionOf,
  rewritten,
  saying,
  writtenOf,
  type Capability,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
  type Sampled,
} from '../../core/index.ts';

/** The beginning of an answer, and the answer it was cut from, whole or as far as it is written. */
export interface Beginning {
  readonly text: string;
  readonly whole: Sample | undefined;
  /** Whether the text is the whole answer. */
  readonly done: boolean;
}

/** The beginning of every answer. */
export const NOTHING_YET: Beginning = { text: '', whole: undefined, done: false };

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

/** The rule that the step options break, if they break one. */
export const checkSteps = ({ separator }: StepSettings): { option: 'separator'; rule: string } | undefined =>
  separator === '' ? { option: 'separator', rule: 'must not be empty' } : undefined;

/** Draws the next step `n` times: each draw writes the answer to its end, and is cut behind the step. */
export async function drawAndCut(
  base: Model,
  request: Request,
  context: Context,
  { text }: Beginning,
  n: number,
  settings: StepSettings & { readonly technique: string },
): Promise<readonly Beginning[]> {
  const { technique, by, rest } = settings;
  if (text === '' || (by === 'prefix' && base.continueFrom)) {
    const { samples } = await drawFrom(base, { ...request, n }, text, context);
    return samples.map((whole) => cutBehindStep(whole, text, settings));
  }
  const asking = promptFor(base, `${technique}.rest`, rest, REST);
  const parts = { question: questionOf(request.prompt), steps: text };
  const prompt = saying(asking, parts, request.prompt, [...request.prompt, assistant(text)]);
  const { samples } = await base.sample({ ...request, prompt, n }, context);
  return samples.map(({ logprob: _logprob, tokens: _tokens, ...sample }) => {
    const joined = text + asking.read(writtenOf(sample)).trimStart();
    return cutBehindStep(rewritten(sample, joined), text, settings);
  });
}

/** Draws of the base that begin with a text; without one, draws of the base. */
export function drawFrom(base: Model, request: Request, text: string, context: Context): Promise<Sampled> {
  return text !== '' && base.continueFrom ? base.continueFrom(request, text, context) : base.sample(request, context);
}

/**
 * Cuts behind the first separator that has something before it; a text without one is at its end. What the draw wrote
 * behind the cut decides nothing, or else the next draw would not be from the base given the beginning. Where the rest is
 * asked for in words, the next draw is not that anyway, and a text that ends with blank space ends there.
 */
function cutBehindStep(whole: Sample, before: string, { separator, by }: StepSettings): Beginning {
  const text = writtenOf(whole);
  for (let at = text.indexOf(separator, before.length); at !== -1; at = text.indexOf(separator, at + 1)) {
    const end = at + separator.length;
    if (by === 'prompt' && text.slice(end).trim() === '') break;
    if (text.slice(before.length, at).trim() !== '') return { text: text.slice(0, end), whole, done: false };
  }
  return { text, whole, done: true };
}

/** What a scorer is shown: the text so far, as a sample. */
export function sampleSoFar({ text, whole, done }: Beginning): Sample {
  if (done && whole) return whole;
  return {
    content: [{ type: 'text', text }],
    finish: { unified: 'other', raw: 'step' },
    weight: 1,
    semantics: whole?.semantics ?? { kind: 'heuristic', target: 'P', why: 'nothing is written yet' },
    providerMetadata: whole?.providerMetadata,
  };
}

export const REST = (): string =>
  `Your answer above is unfinished. Write what comes next, to the end of the answer. Begin exactly where it stops, and repeat nothing of it.`;
