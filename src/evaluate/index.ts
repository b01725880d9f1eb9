/** Evaluations, scaling curves, statistics and charts. */
export { curveSvg, type CurveChartOptions } from './chart.ts';
export { curve, type Curve, type CurveOptions, type CurvePoint, type CurveProgress } from './curve.ts';
export { evaluate, type Evaluation, type EvaluationOptions, type EvaluationProgress, type ItemResult } from './eval.ts';
export * from './majority.ts';
export * from './statistics.ts';
