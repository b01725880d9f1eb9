/** The metric of BIG-Bench Hard: the exact answer, and brackets one by one where they are all that is expected. */
import { textOf } from '../../core/index.ts';
import { said } from '../../core/reading/index.ts';
import { metricOf } from '../metrics.ts';
import type { FileMetric } from '../task.ts';

const exact = metricOf('exact');
const BRACKETS = /^[()[\]{}<>\s]+$/;

export const BIG_BENCH_HARD: FileMetric = {
  ...exact,
  grade(sample, item, context) {
    const { expected } = item;
    if (typeof expected !== 'string' || !BRACKETS.test(expected)) return exact.grade(sample, item, context);
    return Number(bracketsIn(said(textOf(sample.content))) === expected.replaceAll(/\s/g, ''));
  },
};

/** The brackets of the last line that says "answer", or of the last line. To a reader of answers they are marks around one. */
function bracketsIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((one) => /answer/i.test(one)) ?? lines.at(-1) ?? '';
  return line.slice(line.search(/answer/i) + 1).replaceAll(/[^()[\]{}<>]/g, '');
}
