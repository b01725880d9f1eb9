/** A file of samples of lm-eval: a line for every document, and for every filter of its task. */
import type { Answered } from '../regrade.ts';
import type { ItemResult } from '../records.ts';
import { fieldsOf, gradeOf, listOf, made, questionIn, textOf, type Fields } from './fields.ts';

export function lmEvalSample(
  { id, question, expected, prompt, grade, replies, answer }: ItemResult,
  i: number,
): unknown {
  const texts = replies.map(({ text }) => text);
  return {
    doc_id: i,
    doc: { id, question, expected: expected ?? null },
    target: textOf(expected),
    arguments: { gen_args_0: { arg_0: question, arg_1: {} } },
    resps: [texts],
    filtered_resps: [answer ?? texts[0] ?? ''],
    ...(prompt !== undefined && { prompt_hash: prompt }),
    filter: 'none',
    metrics: ['exact_match'],
    exact_match: grade ?? 0,
  };
}

/** Of several filters each is a formula of its own. */
export function lmEvalResults(lines: readonly Fields[], file: string): Answered {
  const metric = textOf(listOf(lines[0]?.['metrics'])[0]) || 'acc';
  const filters = [...new Set(lines.map(({ filter }) => textOf(filter)))];
  const [, task] = /(?:^|[/\\])samples_(.+)_\d{4}-\d\d-\d\dT[^/\\]*$/.exec(file) ?? [];
  const formulaOf = (filter: string): string => (filters.length > 1 ? `${file} | ${filter}` : file);
  const results = lines.map((line) => {
    const { doc, doc_id: id, target, filter } = line;
    const item = made(textOf(fieldsOf(doc)['id'] ?? id), questionOf(line), target, [
      { text: saidIn(line), grade: gradeOf(line[metric]) },
    ]);
    return filters.length > 1 ? { ...item, formula: formulaOf(textOf(filter)) } : item;
  });
  return { task: task ?? file, formula: formulaOf(filters[0] ?? ''), metric, seed: 0, results };
}

/** What each request of a document was given: its text, or its messages as JSON, and then what it is to go on with. */
function argumentsIn({ arguments: asked }: Fields): readonly (readonly unknown[])[] {
  return Array.isArray(asked)
    ? asked.map(listOf)
    : Object.values(fieldsOf(asked)).map((one) => {
        const { arg_0: text, arg_1: more } = fieldsOf(one);
        return [Array.isArray(text) ? text[0] : text, more];
      });
}

function questionOf(line: Fields): string {
  const text = textOf(argumentsIn(line)[0]?.[0]);
  if (!text.startsWith('[{')) return text;
  try {
    return questionIn(JSON.parse(text)) || text;
  } catch {
    return text;
  }
}

/** What was answered: the text that the filter left, or of several choices the likeliest. */
function saidIn(line: Fields): string {
  const { filtered_resps: filtered, resps } = line;
  const all = listOf(filtered);
  const chances = all.map((one) => Number(listOf(one)[0]));
  if (all.length > 0 && all.every(Array.isArray) && chances.every((chance) => !Number.isNaN(chance)))
    return textOf(argumentsIn(line)[chances.indexOf(Math.max(...chances))]?.[1]).trim();
  return textOf(all[0] ?? listOf(listOf(resps)[0])[0]);
}
