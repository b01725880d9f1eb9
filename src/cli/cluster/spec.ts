/** What workers are told of a run: the words of its command line, and what they must come to on every machine. */
import { createHash } from 'node:crypto';
import { decodeJson, encodeJson, type Limits } from '../../core/index.ts';
import { partsOfCurve } from '../../evaluate/curve/curve.ts';
import { fingerprintOf, type PartWork, type UnitOptions } from '../../evaluate/elsewhere/elsewhere.ts';
import { gradeItem, repeatsOf } from '../../evaluate/eval.ts';
import type { Over } from '../compose/options.ts';
import { loadTaskAndModels, oracleOf, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The options that change what an item comes to. Files among them are looked for on the worker. */
const SHARED = [
  'price',
  'prices',
  'promptCache',
  'defaults',
  'import',
  'metric',
  'judge',
  'group',
  'tags',
  'inputField',
  'expectedField',
  'idField',
  'temperature',
  'maxTokens',
  'topP',
  'stop',
  'system',
  'reasoning',
] as const satisfies readonly (keyof TaskOptions)[];

type Shared = Pick<TaskOptions, (typeof SHARED)[number]>;

/** A formula in the words of the command line. What is there without a value is not what the configuration says. */
export type Formula = Pick<TaskOptions, 'model' | 'plus'>;

export interface RunSpec {
  readonly verb: 'eval' | 'compare' | 'curve';
  readonly task: string;
  readonly options: Shared;
  readonly formulas: readonly { readonly [word in keyof Formula]?: string | null }[];
  /** The formulas of the models, as the coordinator reads these words. */
  readonly names: readonly string[];
  /** Of a curve of each formula: what varies, or nothing. */
  readonly over?: readonly (Over | null)[] | undefined;
  /** A hash of the questions, of what is right, and of the metric. */
  readonly fingerprint: string;
  readonly seed: number | string;
  readonly repeats?: number | undefined;
  readonly records: boolean;
  readonly budget: Limits;
}

export interface SpecOptions extends Pick<RunSpec, 'verb' | 'task' | 'repeats' | 'records' | 'budget'> {
  readonly formulas: readonly Formula[];
  readonly subjects: readonly TaskAndModel[];
  readonly over?: readonly (Over | undefined)[] | undefined;
}

export function specOf(
  { formulas, subjects, over, ...facts }: SpecOptions,
  options: Shared & Pick<TaskOptions, 'seed'>,
): string {
  const said = SHARED.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  const spec: RunSpec = {
    ...facts,
    options: Object.fromEntries(said) as RunSpec['options'],
    formulas: formulas.map((words) =>
      Object.fromEntries(Object.entries(words).map(([word, value]) => [word, value ?? null])),
    ),
    names: subjects.map(({ model }) => model.name),
    ...(over && { over: over.map((one) => one ?? null) }),
    fingerprint: hashOf(subjects),
    seed: options.seed ?? 0,
  };
  return encodeJson(spec);
}

export const readSpec = (text: string): RunSpec => decodeJson(text) as RunSpec;

/** Task and models of a run, as this machine has them. Throws where they are not those of the coordinator. */
export async function subjectsOf(spec: RunSpec, terminal: Terminal): Promise<readonly TaskAndModel[]> {
  const { verb, task, options, names, fingerprint } = spec;
  const formulas = spec.formulas.map((words): Formula =>
    Object.fromEntries(Object.entries(words).map(([word, value]) => [word, value ?? undefined])),
  );
  const scorers = verb === 'curve' ? oracleOf : undefined;
  const subjects = await loadTaskAndModels(task, options, formulas, terminal, scorers);
  for (const [i, { model }] of subjects.entries())
    if (model.name !== names[i])
      throw new UsageError(`Here the model is ${model.name}, and the run is of ${names[i]}: name it with --model.`);
  if (hashOf(subjects) !== fingerprint)
    throw new UsageError(`${task} has other questions here than where the run was begun. Copy the file over.`);
  return subjects;
}

const hashOf = (subjects: readonly TaskAndModel[]): string => {
  const [{ task }] = subjects as readonly [TaskAndModel];
  const names = subjects.map(({ model }) => model.name);
  return createHash('sha256').update(fingerprintOf(task, names)).digest('hex');
};

/** What is measured by itself, with a budget and an account of its own. Its parts are what is done of an item. */
export interface Line extends Pick<UnitOptions, 'order'> {
  readonly parts: readonly PartWork[];
}

/** An evaluation and a comparison are one line; of several curves each is one. */
export function linesOf(
  { verb, repeats: asked, records, over }: RunSpec,
  subjects: readonly TaskAndModel[],
): readonly Line[] {
  const graded =
    ({ task, model }: TaskAndModel, repeats: number): PartWork =>
    (item, context) =>
      gradeItem(model, task, item, { repeats, records }, context);
  if (verb === 'curve')
    return subjects.map((subject, i): Line => {
      const { task, model } = subject;
      const varied = over?.[i];
      if (varied) return partsOfCurve(model, task, { [varied.option]: varied.values });
      return { parts: [graded(subject, repeatsOf(model, asked))] };
    });
  const repeats = Math.max(...subjects.map(({ model }) => repeatsOf(model, asked)));
  return [{ parts: subjects.map((subject) => graded(subject, repeats)) }];
}

/** What is handed out: an item, and which of its parts are done together. */
export interface Unit {
  readonly line: number;
  readonly item: string;
  readonly parts: readonly number[];
}

export const writeUnit = ({ line, item, parts }: Unit): string => encodeJson([item, line, parts]);

export function readUnit(text: string): Unit {
  const [item, line, parts] = decodeJson(text) as [string, number, readonly number[]];
  return { item, line, parts };
}
