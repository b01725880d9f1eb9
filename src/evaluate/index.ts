/** Evaluations, scaling curves, statistics and charts. */
export { curveSvg, type CurveChartOptions } from './chart.ts';
export { curve } from './curve.ts';
export type { Curve, CurveOptions, CurvePoint, CurveProgress } from './curve-result.ts';
export {
  evaluate,
  evaluationSoFar,
  type Evaluation,
  type EvaluationOptions,
  type EvaluationProgress,
  type ItemResult,
} from './eval.ts';
export * from './majority.ts';
export * from './statistics.ts';
