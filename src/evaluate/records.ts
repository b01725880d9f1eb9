/** What is kept of an item: enough to read what a model said, and to grade it again without asking again. */
import {
  madeBy,
  totalTokens,
  type Content,
  type Facts,
  type Json,
  type Model,
  type Sample,
  type Span,
  type Usage,
  textOf,
} from '../core/index.ts';

/** What became of one item. */
export interface ItemResult {
  readonly id: string;
  /** From 0 to 1, the mean over the repeats; `undefined` where the item failed. */
  readonly grade: number | undefined;
  /** The answer of the first repeat. */
  readonly answer: string | null;
  /** Samples an answer used, the mean over the repeats. */
  readonly samples: number;
  /** Of all repeats; of a failed item, what it had used until then. */
  readonly usage: Usage;
  /** What was asked: the text of the last user message. */
  readonly question: string;
  readonly expected: Json | undefined;
  /** What kind of answer it asks for, where its task says so. */
  readonly kind?: string | undefined;
  /** What was answered, once a repeat. None of a failed item, and none of a recorded pool: its samples are in its file. */
  readonly replies: readonly Reply[];
  readonly error?: string | undefined;
  /** The group of the item, where its task has groups. */
  readonly group?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** A hash of all that was asked, the messages before the question included: equal prompts have equal hashes. */
  readonly prompt?: string | undefined;
}

/** What an item came to, before it is a result. */
export interface Graded {
  readonly grade: number;
  readonly answer: string | null;
  readonly samples: number;
  readonly usage: Usage;
  readonly replies: readonly Reply[];
}

/** One answer to an item, as its metric saw it. */
export interface Reply {
  readonly text: string;
  /** What there is besides text: tool calls, files. */
  readonly content?: readonly Content[] | undefined;
  /** The final answer that was read from it. */
  readonly answer: string | null;
  /** The final answer where the technique itself names one, such as a vote. */
  readonly declared?: string | null | undefined;
  readonly grade: number;
  /** Samples it rests on. */
  readonly samples: number;
  /** What the technique says of it: votes, share, score. */
  readonly facts?: Facts | undefined;
  /** Every text that was written for it, in the order of the tree of calls; where `records` asked for it. */
  readonly candidates?: readonly Candidate[] | undefined;
  readonly usage: Usage;
  /** Milliseconds it took; where `records` asked for it. */
  readonly ms?: number | undefined;
}

/** A text that a model wrote on the way to an answer. */
export interface Candidate {
  /** Its address within the inference, such as `selfConsistency > draw/3`. */
  readonly at: string;
  readonly model: string;
  readonly text: string;
}

/** The parts of a sample that a metric may look at. */
export function replyOf(
  model: Model,
  sample: Sample,
  rest: Pick<Reply, 'grade' | 'answer' | 'usage'> & {
    readonly ms: number | undefined;
    readonly span: Span | undefined;
  },
): Reply {
  const { span, ms, ...figures } = rest;
  const facts = sample.providerMetadata?.['plusx'];
  const hasMore = sample.content.some(({ type }) => type !== 'text' && type !== 'reasoning');
  return {
    text: textOf(sample.content),
    ...(hasMore && { content: sample.content }),
    ...(sample.answer !== undefined && { declared: sample.answer }),
    samples: samplesOf(model, sample) ?? figures.usage.calls,
    ...(facts && { facts }),
    ...(span && { candidates: textsIn(span, span) }),
    ...(ms !== undefined && { ms }),
    ...figures,
  };
}

/** The number of samples a technique says its answer rests on; only the outermost one's word counts for the whole model. */
function samplesOf(model: Model, sample: Sample): number | undefined {
  const made = madeBy(model);
  const reported = sample.providerMetadata?.['plusx']?.['samples'];
  return made && !madeBy(made.base) && typeof reported === 'number' ? reported : undefined;
}

/** What was written in every call under a span. */
function textsIn(span: Span, root: Span): Candidate[] {
  if (span.kind === 'technique') return span.children.flatMap((child) => textsIn(child, root));
  const { path, name, said } = span;
  const at = path.startsWith(`${root.path} > `) ? path.slice(root.path.length + 3) : path;
  return (said?.texts ?? []).map((text) => ({ at, model: name, text }));
}

/** The sample that a metric is given when a reply is graded again. */
export function sampleOf({
  text,
  content,
  declared,
  facts,
}: Pick<Reply, 'text' | 'content' | 'declared' | 'facts'>): Sample {
  return {
    content: content ?? [{ type: 'text', text }],
    finish: { unified: 'stop', raw: undefined },
    weight: 1,
    semantics: { kind: 'heuristic', target: 'P', why: 'read from a record' },
    ...(declared !== undefined && { answer: declared }),
    ...(facts && { providerMetadata: { plusx: facts } }),
  };
}

/** The results of a run by formula, in the order of the formulas: a comparison keeps several. */
export function resultsByFormula(
  results: readonly (ItemResult & { readonly formula?: unknown })[],
  formula: string,
): { readonly formula: string; readonly results: readonly ItemResult[] }[] {
  const all = Map.groupBy(results, (result) => (typeof result.formula === 'string' ? result.formula : formula));
  return [...all].map(([name, own]) => ({ formula: name, results: own }));
}

/** What all records of a run have in common. */
export interface RunFacts {
  readonly task: string;
  readonly formula: string;
  readonly metric: string;
  readonly seed: number | string;
}

/** One line of a file of records: an item, or one of its repeats. */
export type EvaluationRecord = { readonly [field: string]: Json | undefined };

/** The records of an item: one for every reply, and one that says why where there is none. Unknown is null. */
export function recordsOf(
  { id, group, tags, prompt, question, expected, kind, replies, error, usage }: ItemResult,
  { task, formula, metric, seed }: RunFacts,
): EvaluationRecord[] {
  const of = (reply: Reply | undefined, repeat: number, took: Usage): EvaluationRecord => ({
    id,
    ...(group !== undefined && { group }),
    ...(tags !== undefined && { tags }),
    ...(prompt !== undefined && { prompt }),
    ...(replies.length > 1 && { repeat }),
    question,
    expected: expected ?? null,
    reply: reply?.text ?? null,
    answer: reply?.answer ?? null,
    grade: reply?.grade ?? null,
    votes: reply?.facts?.['votes'] ?? null,
    candidates: (reply?.candidates as Json | undefined) ?? null,
    samples: reply?.samples ?? null,
    calls: took.calls,
    inputTokens: took.inputTokens ?? null,
    outputTokens: took.outputTokens ?? null,
    tokens: totalTokens(took) ?? null,
    usd: took.usd === undefined ? null : Number(took.usd.toPrecision(12)),
    ms: reply?.ms === undefined ? null : Math.round(reply.ms),
    seed,
    task,
    formula,
    metric,
    error: error ?? null,
    ...(kind !== undefined && { kind }),
    ...(reply?.declared !== undefined && { declared: reply.declared }),
    ...(reply?.content && { content: reply.content as unknown as Json }),
    ...(reply?.facts && { facts: reply.facts }),
  });
  return replies.length > 0 ? replies.map((reply, i) => of(reply, i, reply.usage)) : [of(undefined, 0, usage)];
}
