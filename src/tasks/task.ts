/** A task is data and a metric: questions, and what a good answer to each is. */
import type { Context, DeclaredFormat, Json, Model, Request, Sample } from '../core/index.ts';

export interface Item {
  /** Unique in its task. */
  readonly id: string;
  /** What the model is asked. It holds nothing of the right answer. */
  readonly request: Request;
  /** What the metric compares with. Techniques never see it. */
  readonly expected: Json | undefined;
  /** What kind of answer it asks for, where that is not its task's. */
  readonly answer?: DeclaredFormat | undefined;
  /** Items of one group have something in common, such as the page they ask about: the interval of a mean takes them as one. */
  readonly group?: string | undefined;
  /** Kinds that it is one of, such as its subject or its difficulty: results are told by tag as well. */
  readonly tags?: readonly string[] | undefined;
}

/** Grades an answer from 0 (wrong) to 1 (right). */
export interface Metric {
  readonly name: string;
  /** The model that it asks, and how often at most for one answer: what it may cost is stated by that. */
  readonly asks?: { readonly model: Model; readonly calls: number } | undefined;
  grade(sample: Sample, item: Item, context: Context): number | Promise<number>;
  /** What is wrong with an answer, in words: `compile` shows it to the model that rewrites instructions. Training items only. */
  feedback?(reply: string, item: Item): string | undefined;
}

export interface Task {
  readonly name: string;
  readonly items: readonly Item[];
  readonly metric: Metric;
  /** What kind of answer its questions ask for: what `extract="auto"` of a vote and the metric go by. */
  readonly answer?: DeclaredFormat | undefined;
  /** The model recorded with the task: a pool's own samples, drawn without replacement. */
  readonly model?: Model | undefined;
}

/** A metric that can tell whether it can work with an expected answer at all. */
export interface FileMetric extends Metric {
  /** The kind of answer it grades, where it grades one kind only. */
  readonly answer?: DeclaredFormat | undefined;
  /** The rule that an expected answer breaks, if it does. */
  broken(expected: Json): string | undefined;
}
