/**
 * Results in the form of other programs, as far as they map: a log of Inspect, an output of promptfoo, a file of samples of lm-eval. What has no
 * place in one (votes, candidates, groups) is left out on the way there; on the way back a grade is what the program gave as a number.
 */
import { NO_USAGE, type Json } from '../../core/index.ts';
import type { Answered } from '../regrade.ts';
import type { ItemResult, Reply, RunFacts } from '../records.ts';
import { mean } from '../statistics.ts';

export const FOREIGN_FORMATS = ['inspect', 'promptfoo', 'lm-eval'] as const;
export type ForeignFormat = (typeof FOREIGN_FORMATS)[number];

type Fields = { readonly [field: string]: unknown };

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);

/** A run in one of these forms, as it is written to a file: one JSON document, or lines of lm-eval. */
export function toForeign(format: ForeignFormat, results: readonly ItemResult[], facts: RunFacts): string {
  const replies = results.flatMap((result) => result.replies.map((reply, i) => ({ result, reply, i })));
  switch (format) {
    case 'inspect':
      return `${JSON.stringify(inspectLog(replies, results, facts), undefined, 2)}\n`;
    case 'promptfoo':
      return `${JSON.stringify(promptfooOutput(replies, facts), undefined, 2)}\n`;
    case 'lm-eval':
      return results.map((result, i) => `${JSON.stringify(lmEvalSample(result, i))}\n`).join('');
  }
}

/** The results in a file of one of these forms; nothing where it has none of them. */
export function fromForeign(document: unknown, file: string): Answered | undefined {
  const { eval: run, samples, results } = fieldsOf(document);
  if (run !== undefined && Array.isArray(samples)) return inspectResults(fieldsOf(run), samples, file);
  const inner = fieldsOf(results)['results'];
  if (Array.isArray(inner)) return promptfooResults(inner, file);
  return undefined;
}

/** The results in lines of lm-eval; nothing where they are none. */
export function fromLmEval(lines: readonly Fields[], file: string): Answered | undefined {
  const [first] = lines;
  if (!first || !('doc_id' in first) || !('resps' in first)) return undefined;
  const metric = textOf(listOf(first['metrics'])[0]) || 'acc';
  const all = lines.map((line): ItemResult => {
    const { doc_id: id, target, arguments: asked, filtered_resps: filtered, resps } = line;
    const text = textOf(listOf(filtered)[0] ?? listOf(listOf(resps)[0])[0]);
    const [question] = listOf(Array.isArray(asked) ? asked[0] : (fieldsOf(asked)['gen_args_0'] ?? asked));
    return made(textOf(fieldsOf(line['doc'])['id'] ?? id), textOf(question), target, [
      { text, grade: gradeOf(line[metric]) },
    ]);
  });
  return { task: file, formula: file, metric, seed: 0, results: all };
}

interface Told {
  readonly result: ItemResult;
  readonly reply: Reply;
  readonly i: number;
}

function inspectLog(
  replies: readonly Told[],
  results: readonly ItemResult[],
  { task, formula, metric, seed }: RunFacts,
): unknown {
  const failed = results.filter(({ replies: all }) => all.length === 0);
  return {
    version: 2,
    status: 'success',
    eval: { task, model: formula, model_args: {}, config: { seed }, dataset: { name: task, samples: results.length } },
    samples: [
      ...replies.map(({ result: { id, question, expected }, reply, i }) => ({
        id,
        epoch: i + 1,
        input: question,
        target: expected === undefined ? '' : textOf(expected),
        output: {
          model: formula,
          choices: [{ message: { role: 'assistant', content: reply.text }, stop_reason: 'stop' }],
          completion: reply.text,
          usage: { input_tokens: reply.usage.inputTokens ?? 0, output_tokens: reply.usage.outputTokens ?? 0 },
        },
        scores: { [metric]: { value: reply.grade, ...(reply.answer !== null && { answer: reply.answer }) } },
      })),
      ...failed.map(({ id, question, expected, error }) => ({
        id,
        epoch: 1,
        input: question,
        target: expected === undefined ? '' : textOf(expected),
        error: { message: error ?? 'no reply', traceback: '', traceback_ansi: '' },
      })),
    ],
  };
}

function inspectResults(run: Fields, samples: readonly unknown[], file: string): Answered {
  const byId = Map.groupBy(samples.map(fieldsOf), ({ id }) => textOf(id));
  const [first] = [...byId.values()].flat().flatMap(({ scores }) => Object.keys(fieldsOf(scores)));
  const results = [...byId].map(([id, epochs]): ItemResult => {
    const { input, target, error } = epochs[0] as Fields;
    const replies = epochs.flatMap(({ output, scores }) => {
      if (output === undefined) return [];
      const { completion, choices } = fieldsOf(output);
      const text = completion ?? fieldsOf(fieldsOf(listOf(choices)[0])['message'])['content'];
      const { value, answer } = fieldsOf(fieldsOf(scores)[first ?? '']);
      return [{ text: textOf(text), grade: gradeOf(value), answer: typeof answer === 'string' ? answer : null }];
    });
    return made(
      id,
      questionIn(input),
      target,
      replies,
      error === undefined ? undefined : textOf(fieldsOf(error)['message'] ?? error),
    );
  });
  return {
    task: textOf(run['task']) || file,
    formula: textOf(run['model']) || file,
    metric: first ?? '',
    seed: 0,
    results,
  };
}

/** A text, or the last message of the user. */
function questionIn(input: unknown): string {
  if (!Array.isArray(input)) return textOf(input);
  return textOf(fieldsOf(input.findLast((message) => fieldsOf(message)['role'] === 'user'))['content']);
}

function promptfooOutput(replies: readonly Told[], { task, formula, metric }: RunFacts): unknown {
  const rows = replies.map(({ result: { id, question, expected }, reply }, i) => ({
    id,
    testIdx: i,
    promptIdx: 0,
    prompt: { raw: question, label: task },
    provider: { id: formula, label: formula },
    vars: { id, expected: expected ?? null },
    response: {
      output: reply.text,
      tokenUsage: {
        prompt: reply.usage.inputTokens ?? 0,
        completion: reply.usage.outputTokens ?? 0,
        total: (reply.usage.inputTokens ?? 0) + (reply.usage.outputTokens ?? 0),
      },
    },
    cost: reply.usage.usd ?? 0,
    latencyMs: Math.round(reply.ms ?? 0),
    success: reply.grade >= 1,
    score: reply.grade,
    gradingResult: { pass: reply.grade >= 1, score: reply.grade, reason: metric },
    namedScores: { [metric]: reply.grade },
  }));
  const successes = rows.filter(({ success }) => success).length;
  return { results: { version: 3, results: rows, stats: { successes, failures: rows.length - successes, errors: 0 } } };
}

/** A file of promptfoo may hold several providers: each result then says whose it is. */
function promptfooResults(rows: readonly unknown[], file: string): Answered {
  const all = rows.map(fieldsOf);
  const results = [...Map.groupBy(all, providerOf)].flatMap(([formula, own]) =>
    [...Map.groupBy(own, ({ vars, testIdx, id }) => textOf(fieldsOf(vars)['id'] ?? testIdx ?? id))].map(
      ([id, tries]) => ({
        ...promptfooResult(id, tries),
        formula,
      }),
    ),
  );
  const [first = {}] = all;
  const metric = Object.keys(fieldsOf(first['namedScores']))[0] ?? 'score';
  return {
    task: textOf(fieldsOf(first['prompt'])['label']) || file,
    formula: providerOf(first) || file,
    metric,
    seed: 0,
    results,
  };
}

const providerOf = ({ provider }: Fields): string =>
  typeof provider === 'string' ? provider : textOf(fieldsOf(provider)['id']);

function promptfooResult(id: string, tries: readonly Fields[]): ItemResult {
  const { prompt, vars, error } = tries[0] as Fields;
  const replies = tries.flatMap(({ response, score, success }) => {
    const { output } = fieldsOf(response);
    return output === undefined ? [] : [{ text: textOf(output), grade: gradeOf(score ?? success), answer: null }];
  });
  const raw = textOf(fieldsOf(prompt)['raw'] ?? prompt);
  return made(id, raw, fieldsOf(vars)['expected'], replies, typeof error === 'string' ? error : undefined);
}

function lmEvalSample({ id, question, expected, prompt, grade, replies, answer }: ItemResult, i: number): unknown {
  const texts = replies.map(({ text }) => text);
  return {
    doc_id: i,
    doc: { id, question, expected: expected ?? null },
    target: expected === undefined ? '' : textOf(expected),
    arguments: [[question, {}]],
    resps: [texts],
    filtered_resps: [answer ?? texts[0] ?? ''],
    ...(prompt !== undefined && { prompt_hash: prompt }),
    filter: 'none',
    metrics: ['exact_match'],
    exact_match: grade ?? 0,
  };
}

/** Inspect writes C, P, I and N for correct, partly, incorrect and no answer. */
function gradeOf(value: unknown): number {
  const letters: { readonly [letter: string]: number } = { C: 1, P: 0.5, I: 0, N: 0 };
  const grade = typeof value === 'string' ? (letters[value] ?? Number(value)) : Number(value);
  return Number.isFinite(grade) ? Math.min(1, Math.max(0, grade)) : 0;
}

function made(
  id: string,
  question: string,
  expected: unknown,
  replies: readonly { readonly text: string; readonly grade: number; readonly answer?: string | null }[],
  error?: string,
): ItemResult {
  return {
    id,
    question,
    expected: expected === null ? undefined : (expected as Json | undefined),
    grade: replies.length === 0 ? undefined : mean(replies.map(({ grade }) => grade)),
    answer: replies[0]?.answer ?? null,
    samples: 1,
    usage: NO_USAGE,
    replies: replies.map(({ text, grade, answer = null }) => ({ text, grade, answer, samples: 1, usage: NO_USAGE })),
    ...(replies.length === 0 && { error: error ?? 'no reply was kept' }),
  };
}
