/** An output of promptfoo: one document (`-o FILE.json`), or a line a result (`-o FILE.jsonl`). */
import type { Answered } from '../regrade.ts';
import type { ItemResult, RunFacts } from '../records.ts';
import { fieldsOf, gradeOf, listOf, made, numberOf, questionIn, repliesIn, textOf, type Fields } from './fields.ts';

export function promptfooOutput(
  results: readonly ItemResult[],
  { task, formula, metric }: RunFacts,
  at: Date,
): unknown {
  const prompt = { raw: '{{question}}', label: task };
  const number = new Map(results.map(({ id }, i) => [id, i]));
  const rows = [
    ...repliesIn(results).map(({ result, reply: { text, usage, ms, grade } }) => ({
      ...rowOf(result),
      response: {
        output: text,
        ...(usage.inputTokens !== undefined &&
          usage.outputTokens !== undefined && {
            tokenUsage: {
              prompt: usage.inputTokens,
              completion: usage.outputTokens,
              total: usage.inputTokens + usage.outputTokens,
            },
          }),
      },
      ...(usage.usd !== undefined && { cost: usage.usd }),
      ...(ms !== undefined && { latencyMs: Math.round(ms) }),
      success: grade >= 1,
      score: grade,
      gradingResult: { pass: grade >= 1, score: grade, reason: metric },
      namedScores: { [metric]: grade },
      failureReason: grade >= 1 ? REASONS.none : REASONS.assertion,
    })),
    ...results
      .filter(({ replies }) => replies.length === 0)
      .map((result) => ({
        ...rowOf(result),
        error: result.error ?? 'no reply',
        success: false,
        score: 0,
        namedScores: {},
        failureReason: REASONS.error,
      })),
  ];
  const of = (reason: number): number => rows.filter(({ failureReason }) => failureReason === reason).length;
  const [successes, failures, errors] = [of(REASONS.none), of(REASONS.assertion), of(REASONS.error)];
  const score = rows.reduce((sum, row) => sum + row.score, 0);
  const counts = { testPassCount: successes, testFailCount: failures, testErrorCount: errors };
  return {
    config: { description: task, prompts: [prompt.raw], providers: [formula] },
    results: {
      version: 3,
      timestamp: at.toISOString(),
      prompts: [
        {
          ...prompt,
          provider: formula,
          metrics: { score, ...counts, assertPassCount: 0, assertFailCount: 0, namedScores: {} },
        },
      ],
      results: rows,
      stats: { successes, failures, errors },
    },
    vars: ['id', 'question', 'expected'],
  };

  function rowOf({ id, question, expected }: ItemResult) {
    const vars = { id, question, expected: expected ?? null };
    return {
      testIdx: number.get(id) ?? 0,
      promptIdx: 0,
      prompt: { raw: question, label: task },
      provider: { id: formula, label: formula },
      vars,
      testCase: { vars },
    };
  }
}

/** Why promptfoo counts a result as no success. */
const REASONS = { none: 0, assertion: 1, error: 2 };

/** A file may hold several providers and several prompts: each result then says whose it is. A test that was repeated is one item. */
export function promptfooResults(rows: readonly unknown[], file: string): Answered {
  const all = rows.map(fieldsOf);
  const prompts = new Set(all.map(({ promptIdx, prompt }) => `${textOf(promptIdx)} ${labelOf(prompt)}`)).size;
  const providers = new Set(all.map(providerOf)).size;
  const formulaOf = (row: Fields): string =>
    prompts > providers ? `${providerOf(row)} | ${labelOf(row['prompt'])}` : providerOf(row);
  const tests = new Map<string, string>();
  const idOf = (row: Fields): string => {
    const { id } = fieldsOf(row['vars']);
    if (id !== undefined && id !== null) return textOf(id);
    const test = JSON.stringify(row['vars'] ? [row['vars'], fieldsOf(row['testCase'])['assert']] : row['testIdx']);
    const known = tests.get(test) ?? String(tests.size);
    tests.set(test, known);
    return known;
  };
  const results = [...Map.groupBy(all, formulaOf)].flatMap(([formula, own]) =>
    [...Map.groupBy(own, idOf)].map(([id, tries]) => ({ ...promptfooResult(id, tries), formula })),
  );
  const [first = {}] = all;
  const metric = Object.keys(fieldsOf(first['namedScores']))[0] ?? 'score';
  return { task: labelOf(first['prompt']) || file, formula: formulaOf(first) || file, metric, seed: 0, results };
}

const labelOf = (prompt: unknown): string => textOf(fieldsOf(prompt)['label']);
const providerOf = ({ provider }: Fields): string =>
  typeof provider === 'string' ? provider : textOf(fieldsOf(provider)['id']);

function promptfooResult(id: string, tries: readonly Fields[]): ItemResult {
  const { prompt, vars, error, testCase } = tries[0] as Fields;
  const replies = tries.flatMap(({ response, score, success, cost, latencyMs }) => {
    const { output, tokenUsage } = fieldsOf(response);
    if (output === undefined || output === null) return [];
    const { prompt: inputTokens, completion: outputTokens } = fieldsOf(tokenUsage);
    const ms = numberOf(latencyMs);
    return [
      {
        text: textOf(output),
        grade: gradeOf(score ?? success),
        inputTokens: numberOf(inputTokens),
        outputTokens: numberOf(outputTokens),
        // It writes 0 where it knows no price.
        usd: numberOf(cost) || undefined,
        ...(ms !== undefined && { ms }),
      },
    ];
  });
  const raw = textOf(fieldsOf(prompt)['raw'] ?? prompt);
  return made(id, questionOf(raw), expectedIn(vars, testCase), replies, typeof error === 'string' ? error : undefined);
}

/** A prompt may be a list of messages, as JSON. */
function questionOf(raw: string): string {
  if (!raw.trimStart().startsWith('[')) return raw;
  try {
    return questionIn(JSON.parse(raw)) || raw;
  } catch {
    return raw;
  }
}

const EQUALS = new Set(['equals', 'contains', 'icontains']);

/** The variable `expected`; else what the first assertion compares with. */
function expectedIn(vars: unknown, testCase: unknown): unknown {
  const own = fieldsOf(vars)['expected'];
  if (own !== undefined) return own;
  const first = fieldsOf(listOf(fieldsOf(testCase)['assert'])[0]);
  return EQUALS.has(textOf(first['type'])) ? first['value'] : undefined;
}
