/** Pictures of results: SVG for a page, block characters for a terminal. */
import type { Curve } from './curve.ts';

/** How often each answer comes, from 0 to 1. */
export interface AnswerShare {
  readonly answer: string;
  readonly probability: number;
  /** Marked in the picture. */
  readonly correct?: boolean | undefined;
}
export interface BeforeAfter {
  readonly title: string;
  /** Names of the two distributions, as formulas. */
  readonly labels: readonly [before: string, after: string];
  readonly before: readonly AnswerShare[];
  readonly after: readonly AnswerShare[];
}
export interface CurveChartOptions {
  readonly title?: string | undefined;
  /** Draws pass@n as a dashed line. Default true. */
  readonly pass?: boolean | undefined;
}

/** Accuracy over n, on a logarithmic axis, with 95% intervals as bands; several curves share the axes. */
export declare function curveSvg(curves: readonly Curve[], options?: CurveChartOptions): string;
/** Two answer distributions side by side as horizontal bars. */
export declare function distributionSvg(shares: BeforeAfter): string;
/** One row a point. */
export declare function curveTable(curve: Curve): string;
/** Bars of accuracy, for a terminal `columns` wide. */
export declare function curveBars(curve: Curve, options?: { readonly columns?: number }): string;
/** The two distributions as bars, for a terminal `columns` wide. */
export declare function distributionBars(shares: BeforeAfter, options?: { readonly columns?: number }): string;
