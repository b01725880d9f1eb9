/**
 * How likely an answer is right, from what is seen of it: a logistic regression with a ridge, so that a few dozen labelled examples do
 * for it. Its probabilities are calibrated by construction on what it was fitted to: they sum to the number of right answers.
 */
import { featuresOf, type Seen } from './seen.ts';

/** Plain data. */
export interface Gate {
  readonly bias: number;
  /** One a feature, for features less `centre`, over `scale`. */
  readonly weights: readonly number[];
  readonly centre: readonly number[];
  readonly scale: readonly number[];
}

/** The strength of the ridge, in examples: a weight must be worth it. */
const RIDGE = 4;
const STEPS = 12;

/** Fits a gate to answers of which it is known whether they are right. Answers that cannot be read are no examples: they are not right. */
export function fitGate(examples: readonly { readonly seen: Seen; readonly grade: number }[]): Gate {
  const read = examples.filter(({ seen }) => seen.answer !== null);
  const rows = read.map(({ seen }) => featuresOf(seen));
  const width = featuresOf({ answer: null, length: 0 }).length;
  const columns = Array.from({ length: width }, (_, j) => rows.map((row) => row[j] as number));
  const centre = columns.map((column) => average(column));
  const scale = columns.map(
    (column, j) => Math.sqrt(average(column.map((x) => (x - (centre[j] as number)) ** 2))) || 1,
  );
  const inputs = rows.map((row) => [1, ...row.map((x, j) => (x - (centre[j] as number)) / (scale[j] as number))]);
  let weights = Array.from({ length: width + 1 }, () => 0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((w, j) => (j === 0 ? 0.01 : RIDGE) * -w);
    const curvature = weights.map((_, j) => weights.map((__, k) => (j === k ? (j === 0 ? 0.01 : RIDGE) : 0)));
    inputs.forEach((input, i) => {
      const p = sigmoid(dot(weights, input));
      const v = Math.max(1e-6, p * (1 - p));
      for (let j = 0; j <= width; j++) {
        const x = input[j] as number;
        gradient[j] = (gradient[j] as number) + ((read[i]?.grade as number) - p) * x;
        const row = curvature[j] as number[];
        for (let k = 0; k <= width; k++) row[k] = (row[k] as number) + v * x * (input[k] as number);
      }
    });
    const move = solved(curvature, gradient);
    weights = weights.map((w, j) => w + Math.max(-2, Math.min(2, move[j] as number)));
  }
  const [bias = 0, ...rest] = weights;
  return { bias, weights: rest, centre, scale };
}

/** How likely an answer is right. One that cannot be read is not. */
export function chanceOf({ bias, weights, centre, scale }: Gate, seen: Seen): number {
  if (seen.answer === null) return 0;
  const sum = featuresOf(seen).reduce(
    (total, x, j) => total + ((weights[j] ?? 0) * (x - (centre[j] ?? 0))) / (scale[j] || 1),
    bias,
  );
  return sigmoid(sum);
}

const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Solves a small system of equations by elimination with pivots. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.reduce(
      (best, row, r) => (r >= i && Math.abs(row[i] as number) > Math.abs(rows[best]?.[i] ?? 0) ? r : best),
      i,
    );
    [rows[i], rows[pivot]] = [rows[pivot] as number[], rows[i] as number[]];
    const own = rows[i] as number[];
    for (const [r, row] of rows.entries()) {
      if (r === i) continue;
      const factor = (row[i] as number) / (own[i] as number);
      for (let k = i; k < row.length; k++) row[k] = (row[k] as number) - factor * (own[k] as number);
    }
  }
  return rows.map((row, i) => (row.at(-1) as number) / (row[i] as number));
}
