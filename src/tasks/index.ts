/** Tasks: data and metrics. */
export * from './load.ts';
export * from './task.ts';
