/** Tasks: data and metrics. */
export { BUILT_IN_TASKS, loadTask, type LoadTaskOptions } from './load.ts';
export { METRICS, metricOf, type MetricName, type MetricOptions } from './metrics.ts';
export type { Mapping } from './rows.ts';
export { poolTask, recordedMetric } from './pool.ts';
export { tinyTask, type TinyTask } from './tiny.ts';
export { countdown, equations } from './verifiers.ts';
export type { FileMetric, Item, Metric, Task } from './task.ts';
