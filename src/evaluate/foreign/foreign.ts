/**
 * Results in the form of other programs, as far as they map: a log of Inspect, an output of promptfoo, a file of samples of lm-eval. What has no
 * place in one (votes, candidates, groups) is left out on the way there; on the way back a grade is what the program gave as a number.
 */
import type { Answered } from '../regrade.ts';
import type { ItemResult, RunFacts } from '../records.ts';
import { fieldsOf, type Fields } from './fields.ts';
import { inspectLog, inspectResults } from './inspect.ts';
import { lmEvalResults, lmEvalSample } from './lm-eval.ts';
import { promptfooOutput, promptfooResults } from './promptfoo.ts';

export const FOREIGN_FORMATS = ['inspect', 'promptfoo', 'lm-eval'] as const;
export type ForeignFormat = (typeof FOREIGN_FORMATS)[number];

/** A run in one of these forms, as it is written to a file: one JSON document, or lines of lm-eval. `at` is when it is said to be of. */
export function toForeign(
  format: ForeignFormat,
  results: readonly ItemResult[],
  facts: RunFacts,
  at: Date = new Date(0),
): string {
  switch (format) {
    case 'inspect':
      return `${JSON.stringify(inspectLog(results, facts, at), undefined, 2)}\n`;
    case 'promptfoo':
      return `${JSON.stringify(promptfooOutput(results, facts, at), undefined, 2)}\n`;
    case 'lm-eval':
      return results.map((result, i) => `${JSON.stringify(lmEvalSample(result, i))}\n`).join('');
  }
}

/** The results in a document of Inspect or promptfoo; nothing where it is neither. */
export function fromForeign(document: unknown, file: string): Answered | undefined {
  const { eval: run, samples, results } = fieldsOf(document);
  if (run !== undefined && Array.isArray(samples)) return inspectResults(fieldsOf(run), samples, file);
  const inner = fieldsOf(results)['results'];
  if (Array.isArray(inner)) return promptfooResults(inner, file);
  return undefined;
}

/** The results in lines of lm-eval or promptfoo; nothing where they are neither. */
export function fromForeignLines(lines: readonly Fields[], file: string): Answered | undefined {
  const [first] = lines;
  if (!first) return undefined;
  if ('doc_id' in first && 'resps' in first) return lmEvalResults(lines, file);
  if ('promptIdx' in first && 'testIdx' in first) return promptfooResults(lines, file);
  return undefined;
}
