/** The file of a pool: what a real model wrote for each question, and whether it was right. */
import { DataError, printName, questionOf, type Request } from '../../core/index.ts';
import { readJsonLines, type JsonLine } from './json-lines.ts';

/** One sample of a pool. Whether it is right never reaches a technique. */
export interface PoolSample {
  readonly text: string;
  /** The final answer as it was extracted then. `null`: there was none. */
  readonly answer?: string | null | undefined;
  readonly correct?: boolean | undefined;
  /** Ratings by judges. */
  readonly scores?: readonly number[] | undefined;
}

export interface PoolItem {
  readonly id: string;
  /** The question as it is asked: unique in the pool. */
  readonly question: string;
  readonly gold: string | null;
  readonly samples: readonly PoolSample[];
}

export interface Pool {
  /** What formulas call it: `pool:FILE`. */
  readonly name: string;
  readonly file: string;
  readonly items: readonly PoolItem[];
  /** The item a request asks for. Throws DataError where the pool does not know the question. */
  find(request: Request): PoolItem;
}

const EXPECTED =
  '{"id": ..., "question": ..., "gold": ..., "samples": [{"text": ..., "answer": ..., "correct": ...}]}.';

/** Reads a pool. Two items that ask the same are told apart by their ids, in brackets behind the question. */
export async function loadPool(file: string): Promise<Pool> {
  const items = distinct(
    file,
    (await readJsonLines(file, EXPECTED)).map((line) => toItem(file, line)),
  );
  const byQuestion = new Map(items.map((item) => [item.question, item]));
  return {
    name: printName(`pool:${file}`),
    file,
    items,
    find({ prompt }) {
      const question = questionOf(prompt);
      const found = byQuestion.get(question);
      if (found) return found;
      throw new DataError({
        file,
        problem: `no samples are recorded for the question ${JSON.stringify(question.slice(0, 80))}. A pool answers its own questions, word for word; a technique that changes the prompt needs a live model.`,
      });
    },
  };
}

function toItem(file: string, { line, value }: JsonLine): PoolItem & { readonly line: number } {
  const wrong = (problem: string): DataError =>
    new DataError({ file, line, problem: `${problem}. A line is ${EXPECTED}` });
  const { id = String(line), question, input, gold, samples } = value;
  if (typeof id !== 'string' && typeof id !== 'number') throw wrong('id must be a text');
  if (typeof question !== 'string' && question != null) throw wrong('question must be a text or null');
  if (!Array.isArray(samples) || samples.length === 0) throw wrong('samples must be a list with at least one sample');
  return {
    line,
    id: String(id),
    question: asked(question ?? String(id), input),
    gold: gold == null ? null : typeof gold === 'string' ? gold : JSON.stringify(gold),
    samples: samples.map((sample: unknown, i) => toSample(sample, (problem) => wrong(`samples[${i}]: ${problem}`))),
  };
}

function toSample(value: unknown, wrong: (problem: string) => DataError): PoolSample {
  const { text, answer, correct, scores } = (value ?? {}) as { readonly [key: string]: unknown };
  if (typeof text !== 'string') throw wrong('text must be a text');
  if (answer != null && typeof answer !== 'string') throw wrong('answer must be a text or null');
  if (correct != null && typeof correct !== 'boolean') throw wrong('correct must be true or false');
  if (scores != null && !(Array.isArray(scores) && scores.length > 0 && scores.every((x) => typeof x === 'number')))
    throw wrong('scores must be a list of numbers');
  return {
    text,
    ...(answer !== undefined && { answer }),
    ...(correct != null && { correct }),
    ...(scores != null && { scores }),
  };
}

/** The question and, where there is one, the input it is about. */
function asked(question: string, input: unknown): string {
  if (input == null) return question;
  return `${question}\n\nInput: ${typeof input === 'string' ? input : JSON.stringify(input)}`;
}

function distinct(file: string, items: readonly (PoolItem & { readonly line: number })[]): PoolItem[] {
  const times = new Map<string, number>();
  for (const { question } of items) times.set(question, (times.get(question) ?? 0) + 1);
  const ids = new Set<string>();
  return items.map(({ line, ...item }) => {
    if (ids.has(item.id))
      throw new DataError({ file, line, problem: `the id ${JSON.stringify(item.id)} stands twice` });
    ids.add(item.id);
    return (times.get(item.question) ?? 1) > 1 ? { ...item, question: `${item.question}\n\n[${item.id}]` } : item;
  });
}
