/** Recorded answers of many models to the same questions, each column a model: they are graded here, and by nobody else. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ask, fromBackend, printName, questionOf, type Model } from '../../src/core/index.ts';
import { answerOf } from '../../src/core/reading/index.ts';

export const DATA = join(import.meta.dirname, '../../../shared/data');
/** Whether the recorded data is there. */
export const hasData = existsSync(join(DATA, 'matrices'));

export interface Row {
  readonly id: string;
  readonly numeric: boolean;
  /** What each column wrote as its answer, word for word. Empty: there was none. */
  readonly answers: ReadonlyMap<string, string>;
  /** Whether what each column wrote is right, as it was graded then. */
  readonly right: ReadonlyMap<string, boolean>;
}

/** Sets whose right answers are numbers, so that what is none is no answer. */
const NUMBERS = /gsm|ASDiv|MultiArith/i;

/** Reads `matrices/NAME.jsonl.gz`. */
export function matrix(name: string): readonly Row[] {
  const lines = gunzipSync(readFileSync(join(DATA, `matrices/${name}.jsonl.gz`)))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => {
    const { id, runs } = JSON.parse(line) as {
      readonly id: string;
      readonly runs: { readonly [column: string]: readonly [string | number | null, number, number] };
    };
    const entries = Object.entries(runs).map(
      ([column, [answer, correct]]) => [column, String(answer ?? ''), correct] as const,
    );
    return {
      id,
      numeric: NUMBERS.test(name),
      answers: new Map(entries.map(([column, answer]) => [column, answer])),
      right: new Map(entries.map(([column, , correct]) => [column, correct === 1])),
    };
  });
}

/** A column as a model: it answers a question, which is put by its id, the way it did when it was recorded. */
export function column(rows: readonly Row[], name: string): Model {
  const byId = new Map(
    rows.map(({ id, answers, numeric }) => {
      const text = answers.get(name) ?? '';
      return [id, { text, answer: answerIn(text, numeric) }];
    }),
  );
  return fromBackend({
    name: printName(name),
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 1 },
    semantics: { kind: 'exact', target: 'P', why: 'the recorded answer is the only one' },
    bound: () => ({ inputTokens: 1, outputTokens: 1 }),
    async call({ prompt }, { choices }) {
      const { text, answer } = byId.get(questionOf(prompt)) ?? { text: '', answer: null };
      const content = [{ type: 'text', text }] as const;
      const one = { content, finish: STOP, answer, providerMetadata: { recorded: { column: name } } };
      return { candidates: choices.map(() => one), usage: USAGE };
    },
  });
}

export interface Measured {
  /** In percent. */
  readonly accuracy: number;
  /** Calls a question. */
  readonly calls: number;
  /** How often each model was asked last, in percent, where an answer says which. */
  readonly by: { readonly [model: string]: number };
}

/** Puts every question to the model, and grades what it answers. */
export async function measure(model: Model, rows: readonly Row[], seed = 0): Promise<Measured> {
  let [right, calls] = [0, 0];
  const by: { [model: string]: number } = {};
  for (const row of rows) {
    const { sample, usage } = await ask(model, row.id, { seed: `${seed} ${row.id}` });
    const from = sample.providerMetadata?.['recorded']?.['column'];
    right += Number(typeof from === 'string' && row.right.get(from) === true);
    calls += usage.calls;
    const asked = sample.providerMetadata?.['plusx']?.['model'];
    if (typeof asked === 'string') by[asked] = (by[asked] ?? 0) + 100 / rows.length;
  }
  return { accuracy: (100 * right) / rows.length, calls: calls / rows.length, by };
}

/** What was written as an answer, `null` where it cannot be read: equal numbers are equal answers, whatever is written around them. */
export function answerIn(text: string, numeric: boolean): string | null {
  const number = text.replaceAll(/[$%,\s]/g, '');
  if (number !== '' && Number.isFinite(Number(number))) return String(Math.round(Number(number) * 100) / 100);
  const marked = /^(?:\s*|\[(?:invalid|error)\w*\])$/.test(text); // by the recorder
  return numeric || marked ? null : (answerOf(text)?.text ?? null);
}

const STOP = { unified: 'stop', raw: 'recorded' } as const;
const USAGE = { inputTokens: 1, outputTokens: 1, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 };
