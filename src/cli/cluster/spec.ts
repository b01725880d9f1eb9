/** What workers are told of a run: the words of its command line, and what they must come to on every machine. */
import { createHash } from 'node:crypto';
import { decodeJson, encodeJson, type Limits } from '../../core/index.ts';
import { fingerprintOf } from '../../evaluate/elsewhere/elsewhere.ts';
import { loadTaskAndModel, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The options that change what an item comes to. Files among them are looked for on the worker. */
const SHARED = [
  'model',
  'plus',
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

export interface RunSpec {
  readonly verb: 'eval';
  readonly task: string;
  readonly options: Pick<TaskOptions, (typeof SHARED)[number]>;
  /** The formula of the model, as the coordinator reads the options. */
  readonly formula: string;
  /** A hash of the questions, of what is right, and of the metric. */
  readonly fingerprint: string;
  readonly seed: number | string;
  readonly repeats: number;
  readonly records: boolean;
  readonly budget: Limits;
}

export function specOf(
  task: string,
  subject: TaskAndModel,
  options: TaskOptions,
  { repeats, records, budget }: Pick<RunSpec, 'repeats' | 'records' | 'budget'>,
): string {
  const said = SHARED.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  const spec: RunSpec = {
    verb: 'eval',
    task,
    options: Object.fromEntries(said) as RunSpec['options'],
    formula: subject.model.name,
    fingerprint: hashOf(subject),
    seed: options.seed ?? 0,
    repeats,
    records,
    budget,
  };
  return encodeJson(spec);
}

export const readSpec = (text: string): RunSpec => decodeJson(text) as RunSpec;

/** Task and model of a run, as this machine has them. Throws where they are not those of the coordinator. */
export async function subjectOf(
  { task, options, formula, fingerprint }: RunSpec,
  terminal: Terminal,
): Promise<TaskAndModel> {
  const subject = await loadTaskAndModel(task, options, terminal);
  if (subject.model.name !== formula)
    throw new UsageError(
      `Here the model is ${subject.model.name}, and the run is of ${formula}: name it with --model.`,
    );
  if (hashOf(subject) !== fingerprint)
    throw new UsageError(`${task} has other questions here than where the run was begun. Copy the file over.`);
  return subject;
}

const hashOf = ({ task, model }: TaskAndModel): string =>
  createHash('sha256').update(fingerprintOf(task, model)).digest('hex');
