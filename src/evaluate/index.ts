/** Evaluations, scaling curves, statistics and charts. */
export * from './chart.ts';
export * from './curve.ts';
export * from './eval.ts';
export * from './majority.ts';
export * from './statistics.ts';
