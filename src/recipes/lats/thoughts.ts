/** What a search over thoughts says to its base: the next thought, what a beginning is worth, why an end failed. */
import {
  inProse,
  fork,
  promptFor,
  textOf,
  withQuestion,
  type Context,
  type Model,
  type Parts,
  type Request,
  type Sample,
  type Scorer,
} from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { askedIn, type Asked } from '../../decompose/shared/parts.ts';
import { fact, scoreAll } from '../../search/shared/steps.ts';

/** A beginning: thoughts in a row. */
export interface Thought {
  /** All thoughts to here, one a line. */
  readonly steps: string;
  /** Whether the last of them gives the final answer. */
  readonly isEnd: boolean;
  readonly sample: Sample | undefined;
}
export const NO_THOUGHT: Thought = { steps: '', isEnd: false, sample: undefined };

/** What a thought is drawn in view of. */
export interface View extends Parts {
  readonly steps: string;
  readonly reflections: string;
}

/** The caller's wording and scorer, where there are any. */
export interface Wording {
  readonly score?: Scorer | undefined;
  readonly step?: string | undefined;
  readonly value?: string | undefined;
  readonly reflect?: string | undefined;
  readonly answer?: string | undefined;
}

export function speaker(base: Model, request: Request, { score, ...wording }: Wording) {
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
        return { steps: [view.steps, thought].filter(Boolean).join('\n'), isEnd: END.test(thought), sample };
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
        const number = text.match(/\d+(?:\.\d+)?/g)?.at(-1);
        if (number === undefined) inner.ledger.warn(NO_RATING);
        return number === undefined ? Number.NaN : Math.min(10, Number(number)) / 10;
      };
      return scoreAll(score ?? byBase, shown, request, fork(at, 'rate'));
    },
    /** Why an end failed, in words. */
    async reflect({ steps }: Thought, value: number, at: Context): Promise<string> {
      const parts = { ...asked, steps, reflections: '', score: String(fact(value) ?? 'nothing') };
      return (await put(base, request, fork(at, 'reflect'), reflecting, parts)).text;
    },
    /** The request for the answer, in its own form. */
    closing: ({ steps }: Thought): Request => ({
      ...request,
      prompt: withQuestion(request.prompt, answering.say({ ...asked, steps, reflections: '' })),
    }),
  };
}

type Said = View & Asked;
type Failed = Said & { readonly score: string };

const END = /\bfinal answer\b/i;
const NO_RATING = { code: 'no-rating', message: 'lats: the base gave a thought no number: it counts as the lowest.' };
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
