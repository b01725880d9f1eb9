/** The final answers of samples, and which of them are the same. */
import { canonicalJson } from '../calls/journal.ts';
import { questionOf, textOf } from '../message.ts';
import type { Request, Sample } from '../sample.ts';
import { readAnswer, type AnswerFormat, type AnswerReader } from './answer.ts';
import { optionsIn } from './choice.ts';
import { ANSWER_KINDS, answerOf, classesOf, type FinalAnswer, type Equality } from './equality.ts';
import { parsed } from './json.ts';

/** The formats by name; a pointer such as `json:/answer` and a function are formats too. */
export const ANSWER_FORMATS = [...ANSWER_KINDS, 'answer', 'boxed'] as const;
/** What a task can say of its answers: everything but a function, which has no place in a request. */
export type DeclaredFormat = Exclude<AnswerFormat, AnswerReader>;

/** Whether a value says how answers are read. */
export const isAnswerFormat = (value: unknown): value is AnswerFormat =>
  typeof value === 'function' || isDeclared(value);
const isDeclared = (value: unknown): value is DeclaredFormat =>
  typeof value === 'string' && (ANSWER_FORMATS.some((one) => one === value) || value.startsWith('json:/'));

/** A request that says what kind of answer it asks for: what `auto` then stands for, in every vote and metric. */
export function declaring(request: Request, answer: DeclaredFormat | undefined): Request {
  if (answer === undefined || answer === 'auto') return request;
  const { providerOptions } = request;
  return { ...request, providerOptions: { ...providerOptions, plusx: { ...providerOptions?.['plusx'], answer } } };
}

/** A request that says nothing of its answer's kind: for a step on the way to it. */
export function undeclared(request: Request): Request {
  if (request.providerOptions?.['plusx']?.['answer'] === undefined) return request;
  const { answer: _answer, ...plusx } = request.providerOptions['plusx'];
  return { ...request, providerOptions: { ...request.providerOptions, plusx } };
}

/** What a format comes to for a request: `auto` is what the request declares, or JSON where that is asked for. */
function formatFor(request: Request, format: AnswerFormat): AnswerFormat {
  if (format !== 'auto') return format;
  const declared = request.providerOptions?.['plusx']?.['answer'];
  return isDeclared(declared) ? declared : request.responseFormat?.type === 'json' ? 'json' : 'auto';
}

/**
 * The answer of a candidate; nothing where it has none. Tool calls are an answer by themselves. With `auto` an answer that the
 * sample declares counts before its text, `null` as none.
 */
export function answerIn(sample: Sample, request: Request, format: AnswerFormat = 'auto'): FinalAnswer | undefined {
  const calls = sample.content.filter((part) => part.type === 'tool-call');
  if (calls.length > 0) {
    const text = canonicalJson(calls.map(({ toolName, input }) => ({ toolName, input: parsed(input) ?? input })));
    return { text, base: `c:${text}`, mark: '' };
  }
  const kind = formatFor(request, format);
  if (format === 'auto' && sample.answer !== undefined)
    return sample.answer === null ? undefined : declaredAnswer(sample.answer, kind, request);
  return readAnswer(textOf(sample.content), kind, questionOf(request.prompt));
}

/** An answer that is declared is whole: nothing has to be found in it. */
function declaredAnswer(answer: string, format: AnswerFormat, request: Request): FinalAnswer | undefined {
  if (format === 'choice' || format === 'auto') {
    const question = questionOf(request.prompt);
    const isListed = format === 'choice' || optionsIn(question).length > 1;
    return (isListed ? readAnswer(answer, 'choice', question) : undefined) ?? answerOf(answer, format);
  }
  return answerOf(answer, ANSWER_KINDS.find((one) => one === format) ?? 'auto');
}

/** The text of a candidate's answer, or `null`. Texts of equal answers may differ: compare answers, or count `answersOf`. */
export function extractAnswer(sample: Sample, request: Request, format: AnswerFormat = 'auto'): string | null {
  return answerIn(sample, request, format)?.text ?? null;
}

/** The answers of candidates as votes: the same text for the same answer, `null` where there is none. */
export function answersOf(
  samples: readonly Sample[],
  request: Request,
  format: AnswerFormat = 'auto',
  equality?: Equality,
): (string | null)[] {
  return classesOf(
    samples.map((sample) => answerIn(sample, request, format)),
    equality,
  );
}

/** What an expected answer is, read as the answers to its request are. */
export function expectedAnswer(
  expected: string,
  request: Request,
  format: AnswerFormat = 'auto',
): FinalAnswer | undefined {
  return declaredAnswer(expected, formatFor(request, format), request);
}
