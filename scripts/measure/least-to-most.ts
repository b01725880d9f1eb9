/**
 * Least to most beside chain of thought, as six models were recorded with both: node scripts/measure/least-to-most.ts.
 * Prints Markdown tables; needs ../shared/data/matrices.
 */
import { pairedDifference } from '../../src/evaluate/statistics.ts';
import { answerIn, hasData, matrix, type Row } from './matrix.ts';

const SETS = ['GSM8K', 'StrategyQA', 'date', 'sports'] as const;
const MODELS = ['code001', 'code002', 'text002', 'text003', 'gpt-3.5-turbo', 'gpt4'] as const;

const isRead = ({ answers, numeric }: Row, column: string): boolean =>
  answerIn(answers.get(column) ?? '', numeric) !== null;
const isRight = ({ right }: Row, column: string): number => Number(right.get(column) === true);

/** Chain of thought → least to most on these questions, in percent; marked where the difference is beyond chance. */
function cell(rows: readonly Row[], model: string): string {
  const [before, after] = ['COT', 'LtM'].map((way) => rows.map((row) => isRight(row, `${model}_${way}`)));
  if (!before || !after || rows.length === 0) return 'none';
  const percent = (right: readonly number[]): string =>
    ((100 * right.reduce((sum, one) => sum + one, 0)) / right.length).toFixed(1);
  const { ci95 } = pairedDifference(before, after);
  const mark = ci95[0] > 0 ? ' ▲' : ci95[1] < 0 ? ' ▼' : '';
  return `${percent(before)} → ${percent(after)}${mark}`;
}

function print(title: string, keep: (row: Row, model: string) => boolean, counted: boolean): void {
  console.log(`\n${title}\n\n| model | ${SETS.join(' | ')} |\n|${'---|'.repeat(SETS.length + 1)}`);
  const sets = SETS.map((set) => matrix(`faithful_cot/matrix_${set}`));
  for (const model of MODELS) {
    const cells = sets.map((all) => {
      const rows = all.filter((row) => keep(row, model));
      return `${cell(rows, model)}${counted ? ` (${rows.length})` : ''}`;
    });
    console.log(`| ${[model, ...cells].join(' | ')} |`);
  }
}

if (hasData) {
  print('As they were graded, what cannot be read as wrong:', () => true, false);
  const both = (row: Row, model: string): boolean => isRead(row, `${model}_COT`) && isRead(row, `${model}_LtM`);
  print('On the questions where both left an answer that can be read (how many):', both, true);
} else console.log('measure/least-to-most: skipped, there is no ../shared/data/matrices');
