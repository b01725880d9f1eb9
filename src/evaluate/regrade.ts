/** Grades what was answered again, with another metric, without asking again. */
import {
  addUsage,
  answerIn,
  DataError,
  declaring,
  fork,
  isAnswerFormat,
  NO_USAGE,
  rootScope,
  user,
  type Context,
  type ContextOptions,
  type Usage,
  type Warning,
} from '../core/index.ts';
import type { FileMetric, Item } from '../tasks/index.ts';
import { checkedGrade, summarize, type Evaluation } from './eval.ts';
import { sampleOf, type ItemResult, type Reply } from './records.ts';
import { mean, type Interval } from './statistics.ts';

/** What was measured before: an evaluation, or what a run of the store holds. */
export interface Answered {
  readonly task: string;
  readonly formula: string;
  readonly metric: string;
  readonly seed: number | string;
  readonly results: readonly ItemResult[];
}

export interface Regraded extends Answered {
  readonly items: number;
  readonly accuracy: number;
  readonly ci95: Interval;
  readonly failed: number;
  /** The same by tag, where there are any. */
  readonly tags?: Evaluation['tags'];
  /** With the metric that it was graded with before. */
  readonly before: { readonly metric: string; readonly accuracy: number };
  /** Items whose grade is another one now. */
  readonly changed: number;
  /** The same by formula, where there are several: what they come to together is the accuracy of none. */
  readonly formulas?: readonly RegradedFormula[];
  /** What the metric took: a judge asks a model. */
  readonly usage: Usage;
  /** What the run was charged: a verdict that was there already costs nothing more. */
  readonly spending: Usage;
  readonly warnings: readonly Warning[];
}

/** One formula of a comparison. */
export interface RegradedFormula extends Pick<
  Regraded,
  'formula' | 'items' | 'accuracy' | 'ci95' | 'failed' | 'tags' | 'before' | 'changed'
> {}

export interface RegradeOptions extends Pick<
  ContextOptions,
  'seed' | 'budget' | 'signal' | 'journal' | 'host' | 'onProgress'
> {
  /** Called after each item; `soFar` says what there is by then. */
  readonly onItem?: ((progress: { readonly done: number; readonly soFar: () => Regraded }) => void) | undefined;
}

/** The same replies under another metric. Throws DataError where they were not kept, or the metric cannot read what is expected. */
export async function regrade(
  answered: Answered,
  metric: FileMetric,
  { onItem, ...options }: RegradeOptions = {},
): Promise<Regraded> {
  const { results, ...of } = answered;
  if (results.every(({ replies }) => replies.length === 0))
    throw new DataError({ file: of.task, problem: 'no replies were kept of it, so that nothing can be graded again.' });
  const items = results.map((result) => itemOf(result, metric, of.task)); // checked before the first call is made
  const { context, close } = rootScope({ ...options, seed: options.seed ?? of.seed });
  try {
    const graded: ItemResult[] = [];
    for (const [i, result] of results.entries()) {
      graded.push(await again(result, items[i] as Item, metric, fork(context, `item/${result.id}`)));
      onItem?.({ done: i + 1, soFar: () => summaryOf(answered, metric, graded, context) });
    }
    return summaryOf(answered, metric, graded, context);
  } finally {
    close();
  }
}

/** What the items that are graded again by now come to, beside the same items as they were graded before. */
function summaryOf(
  { results, ...of }: Answered,
  metric: FileMetric,
  graded: readonly ItemResult[],
  { ledger: { usage, spending, warnings } }: Context,
): Regraded {
  const pairs = graded.map((now, i): Pair => ({ now, then: results[i] as ItemResult }));
  const byFormula = Map.groupBy(pairs, ({ now }) => formulaOf(now) ?? of.formula);
  return {
    ...of,
    metric: metric.name,
    ...figuresOf(pairs, of),
    ...(byFormula.size > 1 && {
      formulas: [...byFormula].map(([formula, own]) => ({ formula, ...figuresOf(own, of) })),
    }),
    usage,
    spending,
    warnings,
    results: graded,
  };
}

/** A result as it is graded now, and as it was. */
interface Pair {
  readonly now: ItemResult;
  readonly then: ItemResult;
}

function figuresOf(pairs: readonly Pair[], { metric }: Pick<Answered, 'metric'>): Omit<RegradedFormula, 'formula'> {
  const { accuracy, ci95, failed, tags } = summarize(
    pairs.map(({ now }) => now),
    1,
  );
  const before = summarize(
    pairs.map(({ then }) => then),
    1,
  );
  return {
    items: pairs.length,
    accuracy,
    ci95,
    failed,
    ...(tags && { tags }),
    before: { metric, accuracy: before.accuracy },
    changed: pairs.filter(({ now, then }) => now.grade !== then.grade).length,
  };
}

/** Results of a comparison say whose they are. */
export function formulaOf(result: ItemResult & { readonly formula?: unknown }): string | undefined {
  return typeof result.formula === 'string' ? result.formula : undefined;
}

function itemOf({ id, question, expected, kind }: ItemResult, metric: FileMetric, task: string): Item {
  const rule = expected === undefined ? 'is missing' : metric.broken(expected);
  if (rule) throw new DataError({ file: task, problem: `with the metric ${metric.name} "expected" of ${id} ${rule}.` });
  const declared = metric.answer ?? (typeof kind === 'string' && isAnswerFormat(kind) ? kind : undefined);
  return { id, request: declaring({ prompt: [user(question)] }, declared), expected };
}

async function again(result: ItemResult, item: Item, metric: FileMetric, context: Context): Promise<ItemResult> {
  const { replies } = result;
  if (replies.length === 0) return result;
  const graded: Reply[] = [];
  for (const [i, reply] of replies.entries()) {
    const sample = sampleOf(reply);
    const grade = checkedGrade(await metric.grade(sample, item, fork(context, `grade/${i}`)), metric);
    graded.push({ ...reply, answer: answerIn(sample, item.request)?.text ?? null, grade });
  }
  const [first] = graded;
  return { ...result, answer: first?.answer ?? null, grade: mean(graded.map(({ grade }) => grade)), replies: graded };
}

/** What a file or a run holds, read: a document of `eval --out`, or lines of `eval --records`. */
export function answeredIn(of: Omit<Answered, 'results'>, results: readonly unknown[], file: string): Answered {
  return { ...of, results: results.map((result, i) => resultIn(result, file, i + 1)) };
}

function resultIn(value: unknown, file: string, line: number): ItemResult {
  const { id, question, replies } = (value ?? {}) as Partial<ItemResult>;
  if (typeof id === 'string' && typeof question === 'string' && Array.isArray(replies)) return value as ItemResult;
  throw new DataError({ file, line, problem: 'is no result of an item with its question and its replies.' });
}

/** The results that the lines of a file of records came from. Repeats of an item stand together. */
export function resultsOfRecords(records: readonly { readonly [field: string]: unknown }[], file: string): Answered {
  const [first] = records;
  if (!first) throw new DataError({ file, problem: 'is empty.' });
  // Of a comparison each formula has a line for an item.
  const byItem = Map.groupBy(records, ({ id, formula }) => JSON.stringify([formula, String(id)]));
  const formulas = [...new Set(records.map(({ formula }) => formula))].filter((one) => typeof one === 'string');
  const results = [...byItem.values()].map((lines): ItemResult & { readonly formula?: string } => {
    const replies = lines.filter(({ reply }) => typeof reply === 'string').map(replyIn);
    const { id, question, expected, group, tags, prompt, kind, error, formula } = lines[0] as Line;
    return {
      id: String(id),
      grade: replies.length === 0 ? undefined : mean(replies.map(({ grade }) => grade)),
      answer: replies[0]?.answer ?? null,
      samples: mean(replies.map(({ samples }) => samples)),
      usage: replies.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
      question: question ?? '',
      expected: expected ?? undefined,
      ...(typeof kind === 'string' && { kind }),
      ...(typeof group === 'string' && { group }),
      ...(Array.isArray(tags) && { tags }),
      ...(typeof prompt === 'string' && { prompt }),
      ...(typeof error === 'string' && { error }),
      ...(formulas.length > 1 && typeof formula === 'string' && { formula }),
      replies,
    };
  });
  const { task, metric, seed } = first as Line;
  return { task: task ?? file, formula: formulas.join(' | '), metric: metric ?? '', seed: seed ?? 0, results };
}

/** A line as it was written; it comes from outside, so that every field may be missing. */
type Line = Partial<Pick<Evaluation, 'task' | 'formula' | 'metric' | 'seed'>> &
  Partial<Pick<ItemResult, 'id' | 'question' | 'expected' | 'group' | 'tags' | 'prompt' | 'kind' | 'error'>> &
  Partial<Pick<Reply, 'answer' | 'declared' | 'content' | 'facts' | 'grade' | 'samples' | 'candidates'>> & {
    readonly reply?: string;
  };

function replyIn(line: { readonly [field: string]: unknown }): Reply {
  const { reply = '', answer = null, declared, content, facts, grade = 0, samples = 1, candidates } = line as Line;
  return {
    text: reply,
    answer,
    grade,
    samples,
    usage: NO_USAGE,
    ...(declared !== undefined && { declared }),
    ...(content && { content }),
    ...(facts && { facts }),
    ...(candidates && { candidates }),
  };
}
