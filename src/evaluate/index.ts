/** Evaluations, scaling curves, statistics and charts. */
export { curveSvg, type CurveChartOptions, type DrawnCurve } from './curve/chart.ts';
export { curve, pointCurve } from './curve/curve.ts';
export { forecast, type Forecast, type ForecastOptions } from './curve/forecast.ts';
export type { Curve, CurveOptions, CurvePoint, CurveProgress } from './curve/result.ts';
export {
  evaluate,
  evaluationSoFar,
  summaryOf,
  wasAsked,
  type Evaluation,
  type EvaluationOptions,
  type EvaluationProgress,
  type TagResult,
} from './eval.ts';
export { majority, majorityByOrders, majorityExactly, type MajorityOptions, type Vote } from './majority.ts';
export { compare, type CompareOptions, type CompareProgress } from './compare/compare.ts';
export { compareResults, type Compared, type ComparedPair, type Comparison } from './compare/comparison.ts';
export {
  answeredIn,
  regrade,
  resultsOfRecords,
  type Answered,
  type Regraded,
  type RegradedFormula,
  type RegradeOptions,
} from './regrade.ts';
export {
  recordsOf,
  resultsByFormula,
  type Candidate,
  type EvaluationRecord,
  type ItemResult,
  type Reply,
  type RunFacts,
} from './records.ts';
export {
  agrestiCoull,
  bestAtK,
  holm,
  intervalOfGrades,
  mean,
  pairedDifference,
  passAtK,
  student,
  studentQuantile,
  studentTails,
  wilson,
  type Difference,
  type Groups,
  type Interval,
  type Scored,
} from './statistics.ts';
export { confidenceSequence, type ConfidenceSequence, type ConfidenceSequenceOptions } from './compare/betting.ts';
export {
  comparePaired,
  mcnemar,
  pairedBootstrap,
  tango,
  type PairedOptions,
  type PairedTest,
  type PairedVerdict,
} from './compare/paired.ts';
export { comparisonReport, curvesReport, evaluationReport } from './report/reports.ts';
export { reportCsv, reportHtml, reportMarkdown } from './report/render.ts';
export type { Picture, Report, Section, Table } from './report/report.ts';
export { intervalsSvg, type IntervalRow } from './report/intervals-svg.ts';
export { FOREIGN_FORMATS, fromForeign, fromForeignLines, toForeign, type ForeignFormat } from './foreign/foreign.ts';
export type { DoneElsewhere, Elsewhere } from './elsewhere/elsewhere.ts';
