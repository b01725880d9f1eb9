/** Evaluations, scaling curves, statistics and charts. */
export { curveSvg, type CurveChartOptions } from './chart.ts';
export { curve } from './curve.ts';
export type { Curve, CurveOptions, CurvePoint, CurveProgress } from './curve-result.ts';
export {
  evaluate,
  evaluationSoFar,
  wasAsked,
  type Evaluation,
  type EvaluationOptions,
  type EvaluationProgress,
} from './eval.ts';
export * from './majority.ts';
export { answeredIn, regrade, resultsOfRecords, type Answered, type Regraded } from './regrade.ts';
export {
  recordsOf,
  type Candidate,
  type EvaluationRecord,
  type ItemResult,
  type Reply,
  type RunFacts,
} from './records.ts';
export * from './statistics.ts';
