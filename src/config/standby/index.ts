/** Models that stand by for others: asked where one fails, or is late. */
export { FAILURE_KINDS, isFailureKind, type FailureKind } from './failures.ts';
export { nextAfter } from './fallback.ts';
export { standbyOf, withStandby, type HedgeConfig, type StandbyConfig } from './standby.ts';
