/** Tasks by address. */
import type { Model } from '../core/index.ts';
import type { Task } from './task.ts';

export const METRICS = ['exact', 'numeric', 'contains', 'regex', 'json', 'code', 'judge'] as const;
export type MetricName = (typeof METRICS)[number];

export interface LoadTaskOptions {
  /** How answers of a JSONL file are graded. Default `exact`. Built-in tasks and pools bring their own. */
  readonly metric?: MetricName | undefined;
  /** The model that grades with `metric: 'judge'`. */
  readonly judge?: Model | undefined;
  /** Items of a generated task. Default 100. */
  readonly size?: number | undefined;
  /** Seed of a generated task. Default 0. */
  readonly seed?: number | undefined;
}

/** A task by address: a built-in name, `pool:FILE`, `FORMAT:FILE`, or a JSONL file of `{input, expected}`. */
export declare function loadTask(address: string, options?: LoadTaskOptions): Promise<Task>;

export interface TaskEntry {
  readonly name: string;
  readonly doc: string;
}
/** What there is besides files, for the help. */
export declare const BUILT_IN_TASKS: readonly TaskEntry[];
