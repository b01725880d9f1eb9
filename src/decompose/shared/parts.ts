/** A question taken apart: the list of its parts, what they refer to, and how they are put. */
import {
  extractAnswer,
  inProse,
  progress,
  questionOf,
  type Context,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { endOf, itemsIn } from '../../core/reading/index.ts';
import type { Said } from '../../core/technique/put.ts';

/** A question and what stands before it: `Passage: ...` in front of a line that starts with `Question:`. */
export type Asked = {
  /** All of it. */
  readonly question: string;
  /** What stands before the question, its line breaks included; empty where nothing does. */
  readonly context: string;
  /** The question itself, without context and without instructions on the lines after it. */
  readonly asked: string;
};

/** A part of the question and its answer. */
export interface Known {
  readonly part: string;
  readonly answer: string;
}

const MARKER = /^Question:[ \t]*/gm;

/** The last line that starts with `Question:` is the question; without one, all of the last user message is. */
export function askedIn(request: Request): Asked {
  const question = questionOf(request.prompt);
  const marker = [...question.matchAll(MARKER)].at(-1);
  if (!marker) return { question, context: '', asked: question };
  const [asked = ''] = question.slice(marker.index + marker[0].length).split('\n');
  return { question, context: question.slice(0, marker.index), asked: asked.trim() };
}

/**
 * The parts a model wrote down, at most `most`. A longer list loses parts before its last one, and a list that was cut off
 * by a limit loses its last part, which is not whole; a warning says so.
 */
export function partsIn({ sample, text }: Said, most: number, technique: string, context: Context): readonly string[] {
  const isCut = sample.finish.unified === 'length';
  const parts = itemsIn(text).slice(0, isCut ? -1 : undefined);
  if (isCut)
    context.ledger.warn({
      code: 'list-cut-off',
      message: `${technique}: the list of questions was cut off by a limit, and its last one is left out. Raise \`maxOutputTokens\`.`,
    });
  parts.forEach((part, i) => progress(context, `part ${i + 1}: ${part}`));
  if (parts.length === 0)
    context.ledger.warn({
      code: 'no-parts',
      message: `${technique}: the reply has no list of questions, so the question is asked as it is: it ends ${endOf(text)}`,
    });
  if (parts.length <= most) return parts;
  context.ledger.warn({
    code: 'parts-left-out',
    message: `${technique}: ${parts.length} parts were named, and ${most} are asked. Raise \`most\` for more.`,
  });
  return [...parts.slice(0, most - 1), parts.at(-1) as string];
}

/** The final answer of a part, or all that was said where it is no short answer. */
export function answerOf(sample: Sample, text: string, request: Request): string {
  return extractAnswer(sample, inProse(request)) ?? text;
}

const REFERENCE = /#(\d+)/g;
const LONGEST = 200;

/**
 * A part with its references filled: `#1` becomes the answer to the first part. The answer stands in a sentence, so of a
 * long one only the beginning of its first line is used. A reference to a part that is not answered stays.
 */
export function filled(part: string, answers: readonly (string | undefined)[]): string {
  return part.replaceAll(
    REFERENCE,
    (reference, number: string) => inSentence(answers[Number(number) - 1]) ?? reference,
  );
}

const inSentence = (answer: string | undefined): string | undefined => answer?.split('\n')[0]?.slice(0, LONGEST);

/** The parts that the part at `index` refers to: only earlier ones, so there is no circle. */
export function referencesOf(part: string, index: number): readonly number[] {
  const named = [...part.matchAll(REFERENCE)].map(([, number]) => Number(number) - 1);
  return [...new Set(named)].filter((i) => i >= 0 && i < index);
}

/** Parts and answers as a prompt shows them. */
export function shown(known: readonly Known[]): string {
  return known.map(({ part, answer }) => `Q: ${part}\nA: ${answer}\n`).join('');
}

export type PartParts = Asked & { readonly part: string; readonly known: string };

/** How a part is put to a chat model: what it is a part of stays in view. */
export const PART = ({ question, part, known }: PartParts): string =>
  `${question}\n\nDo not answer that yet. ${known && `Known so far:\n${known}\n`}Answer only this part of it, briefly: ${part}`;
/** How the question is put in the end. */
export const WHOLE = ({ question, known }: PartParts): string =>
  known
    ? `${question}\n\nParts of it are answered already:\n${known}\nWith these at hand, answer the question.`
    : question;
