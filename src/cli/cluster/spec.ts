/** What workers are told of a run: the words of its command line, and what they must come to on every machine. */
import { createHash } from 'node:crypto';
import { decodeJson, drawOne, encodeJson, type Journal, type Limits, type Model } from '../../core/index.ts';
import { partsOfCurve } from '../../evaluate/curve/curve.ts';
import { fingerprintOf, type PartWork, type UnitOptions } from '../../evaluate/elsewhere/elsewhere.ts';
import { gradeItem, repeatsOf } from '../../evaluate/eval.ts';
import type { Over } from '../compose/options.ts';
import { loadTaskAndModels, oracleOf, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import type { Metric, Task } from '../../tasks/index.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { openQuestion, QUESTION, type QuestionSpec } from './question/spec.ts';
import { openSearch, readChapter, type SearchSpec } from './search.ts';
import { given, OF_MODELS, OF_REQUESTS } from './options.ts';
import type { Unit } from './units.ts';

/** The options that change what an item comes to. */
const SHARED = [
  ...OF_MODELS,
  ...(['metric', 'judge', 'group', 'tags', 'inputField', 'expectedField', 'idField'] as const),
  ...OF_REQUESTS,
] as const satisfies readonly (keyof TaskOptions)[];

type Shared = Pick<TaskOptions, (typeof SHARED)[number]>;

/** A formula in the words of the command line. What is there without a value is not what the configuration says. */
export type Formula = Pick<TaskOptions, 'model' | 'plus'>;

export interface RunSpec {
  readonly verb: 'eval' | 'compare' | 'curve' | 'compile';
  readonly task: string;
  readonly options: Shared;
  readonly formulas: readonly { readonly [word in keyof Formula]?: string | null }[];
  /** The formulas of the models, as the coordinator reads these words. */
  readonly names: readonly string[];
  /** Of a curve of each formula: what varies, or nothing. */
  readonly over?: readonly (Over | null)[] | undefined;
  /** Of a search: what its compositions are made of. */
  readonly search?: SearchSpec | undefined;
  /** A hash of the questions, of what is right, and of the metric. */
  readonly fingerprint: string;
  readonly seed: number | string;
  readonly repeats?: number | undefined;
  readonly records: boolean;
  /** Whether items go out by their branches. */
  readonly split?: 'branches' | undefined;
  readonly budget: Limits;
}

export interface SpecOptions extends Pick<
  RunSpec,
  'verb' | 'task' | 'search' | 'repeats' | 'records' | 'split' | 'budget'
> {
  readonly formulas: readonly Formula[];
  readonly subjects: readonly Subject[];
  readonly over?: readonly (Over | undefined)[] | undefined;
}

export function specOf(
  { formulas, subjects, over, ...facts }: SpecOptions,
  options: Shared & Pick<TaskOptions, 'seed'>,
): string {
  const spec: RunSpec = {
    ...facts,
    options: given(options, SHARED),
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

export const readSpec = (text: string): RunSpec | QuestionSpec => decodeJson(text) as RunSpec | QuestionSpec;

/** What a worker has of a run. */
export interface OpenedRun {
  readonly task: Task;
  readonly models: readonly Model[];
  /** What the parts of a unit are. */
  lineOf(unit: Unit): Promise<Line | undefined>;
}

/** Opens a run, as this machine has its task and its models. Throws where they are not those of the coordinator. */
export async function openRun(spec: RunSpec | QuestionSpec, journal: Journal, terminal: Terminal): Promise<OpenedRun> {
  if (spec.verb === 'ask') return openQuestionRun(spec, terminal);
  const formulas = spec.formulas.map((words): Formula =>
    Object.fromEntries(Object.entries(words).map(([word, value]) => [word, value ?? undefined])),
  );
  if (spec.search) return openSearchRun(spec, spec.search, formulas[0] ?? {}, journal, terminal);
  const { verb, task, options } = spec;
  const subjects = await loadTaskAndModels(task, options, formulas, terminal, verb === 'curve' ? oracleOf : undefined);
  check(spec, subjects);
  const lines = linesOf(spec, subjects);
  const [first] = subjects as readonly [TaskAndModel];
  return {
    task: first.task,
    models: subjects.map(({ model }) => model),
    lineOf: ({ line }) => Promise.resolve(lines[line]),
  };
}

async function openQuestionRun(spec: QuestionSpec, terminal: Terminal): Promise<OpenedRun> {
  const { model, request } = await openQuestion(spec, terminal);
  const work: PartWork = async (_, context) => {
    await drawOne(model, request, context);
    return null; // what was drawn is in the journal
  };
  return {
    task: { name: 'the question', items: [{ id: QUESTION.item, request, expected: undefined }], metric: UNGRADED },
    models: [model],
    lineOf: () => Promise.resolve({ parts: [work] }),
  };
}
const UNGRADED: Metric = { name: 'none', grade: () => Promise.resolve(0) };

async function openSearchRun(
  spec: RunSpec,
  search: SearchSpec,
  words: Formula,
  journal: Journal,
  terminal: Terminal,
): Promise<OpenedRun> {
  const { options, task: address, seed } = spec;
  const { task, base, reflect, partsOf } = await openSearch(
    search,
    { ...options, ...words, task: address, seed },
    terminal,
  );
  check(spec, [{ task, model: base }]);
  const known = new Map<string, Promise<Line>>();
  const told = async (name: string): Promise<Line> => {
    const chapter = await readChapter(journal, name);
    return { parts: partsOf(chapter), order: 'in turn', isAlone: chapter.writing !== undefined };
  };
  return {
    task,
    models: [base, ...(reflect ? [reflect] : [])],
    lineOf({ chapter = '' }) {
      const line = known.get(chapter) ?? told(chapter);
      known.set(chapter, line);
      line.catch(() => known.delete(chapter)); // the next unit tries again
      return line;
    },
  };
}

type Subject = Pick<TaskAndModel, 'task' | 'model'>;

function check({ task, names, fingerprint }: RunSpec, subjects: readonly Subject[]): void {
  for (const [i, { model }] of subjects.entries())
    if (model.name !== names[i])
      throw new UsageError(`Here the model is ${model.name}, and the run is of ${names[i]}: name it with --model.`);
  if (hashOf(subjects) !== fingerprint)
    throw new UsageError(`${task} has other questions here than where the run was begun. Copy the file over.`);
}

const hashOf = (subjects: readonly Subject[]): string => {
  const [{ task }] = subjects as readonly [Subject];
  const names = subjects.map(({ model }) => model.name);
  return createHash('sha256').update(fingerprintOf(task, names)).digest('hex');
};

/** What is measured by itself, with a budget and an account of its own. Its parts are what is done of an item. */
export interface Line extends Pick<UnitOptions, 'order' | 'isAlone'> {
  readonly parts: readonly PartWork[];
}

/** An evaluation and a comparison are one line; of several curves each is one. */
function linesOf({ verb, repeats: asked, records, over }: RunSpec, subjects: readonly TaskAndModel[]): readonly Line[] {
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
