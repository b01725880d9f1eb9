/**
 * Loads the files that a user names to be loaded, and tells by its shape what each of their exports is. Nothing else is ever
 * loaded: a formula names what is exported, and no file.
 */
import { access } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  DataError,
  PlusxError,
  scorer,
  type AnyTechnique,
  type Model,
  type NamedScorer,
  type ScoreFunction,
} from '../core/index.ts';
import type { FileMetric, Metric } from '../tasks/index.ts';
import { importShared } from './module.ts';

export interface Own {
  readonly techniques: readonly AnyTechnique[];
  readonly scorers: { readonly [name: string]: NamedScorer };
  readonly models: { readonly [name: string]: Model };
  readonly metrics: { readonly [name: string]: FileMetric };
  /** For options that take a function: a reader of answers, the tools of `react`. */
  readonly functions: { readonly [name: string]: unknown };
}

export const NOTHING_OWN: Own = { techniques: [], scorers: {}, models: {}, metrics: {}, functions: {} };

/** What must not be taken again: names that plusx has. */
export interface Taken {
  readonly techniques: readonly string[];
  readonly scorers: readonly string[];
  readonly metrics: readonly string[];
}

/**
 * Loads modules, in TypeScript or JavaScript. An export is a technique, a scorer (`scorer(name, of)`), a metric
 * (`{ grade(sample, item, context) }`), a model, something with `tools`, or a function, which may stand for a scorer, a metric or a
 * function that an option takes. `import ... from 'plusx'` in them is this plusx. Errors: DataError for a file that cannot be loaded
 * or that exports something else.
 */
export async function loadOwn(files: readonly string[], taken: Taken): Promise<Own> {
  if (files.length === 0) return NOTHING_OWN;
  const known = new Map<string, string>();
  const exported: (readonly [file: string, name: string, value: unknown])[] = [];
  for (const file of files)
    for (const [name, value] of Object.entries(await importFile(file))) {
      const before = known.get(name);
      if (before !== undefined) throw refused(file, name, `is exported by ${before} too. Rename one.`);
      known.set(name, file);
      exported.push([file, name, value]);
    }
  return sorted(exported, taken);
}

async function importFile(file: string): Promise<{ readonly [name: string]: unknown }> {
  const path = resolvePath(file);
  await access(path).catch(() => {
    throw new DataError({ file, problem: 'there is no such file. Check the path.' });
  });
  let loaded: { readonly [name: string]: unknown };
  try {
    loaded = (await importShared(pathToFileURL(path).href)) as typeof loaded;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DataError({ file, problem: `cannot be loaded (${message.replaceAll(/\s+/g, ' ')}). ${HINT}` });
  }
  if (Object.keys(loaded).length === 0) throw new DataError({ file, problem: `exports nothing. ${HINT}` });
  return loaded;
}

const HINT =
  'It must be a module that exports what a formula names, such as `export const mine = scorer("mine", (sample) => ...)`.';

function sorted(exported: readonly (readonly [file: string, name: string, value: unknown])[], taken: Taken): Own {
  const techniques: AnyTechnique[] = [];
  const scorers: Record<string, NamedScorer> = {};
  const models: Record<string, Model> = {};
  const metrics: Record<string, FileMetric> = {};
  const functions: Record<string, unknown> = {};
  for (const [file, name, value] of exported) {
    const free = (what: keyof Taken, of = name): void => {
      if (taken[what].includes(of))
        throw refused(file, name, `is a name that plusx has for one of its ${what}. Rename it.`);
    };
    if (name === 'default') throw refused(file, name, 'has no name that a formula could use. Export it by name.');
    if (isTechnique(value)) {
      free('techniques', value.definition.name);
      techniques.push(value);
    } else if (isModel(value)) {
      // Before scorers: a model may have a `score` too.
      models[name] = value;
      models[value.name] = value; // what its formula prints
    } else if (isScorer(value)) {
      free('scorers');
      scorers[name] = { ...value, name };
    } else if (isMetric(value)) {
      free('metrics');
      metrics[name] = metricOf(name, (...given) => value.grade(...given), value);
    } else if (typeof value === 'function' && !isClass(value)) {
      free('scorers');
      free('metrics');
      const of = value as ScoreFunction & Metric['grade'];
      scorers[name] = scorer(name, of);
      metrics[name] = metricOf(name, of);
      functions[name] = value;
    } else if (typeof value === 'object' && value !== null && 'tools' in value) {
      functions[name] = { name, ...value };
    } else throw refused(file, name, `is ${shape(value)}. ${KINDS}`);
  }
  return { techniques, scorers, models, metrics, functions };
}

const KINDS = 'What is exported must be a scorer, a metric, a technique, a model, tools, or a function.';

const refused = (file: string, name: string, problem: string): DataError =>
  new DataError({ file, problem: `the export ${name} ${problem}` });

/** A metric of the caller's gives no grade of an item. That item fails, and the others are graded. */
class MetricFailed extends PlusxError {
  constructor({ metric, item, why }: { readonly metric: string; readonly item: string; readonly why: string }) {
    super(`The metric ${metric} gave no grade of item ${JSON.stringify(item)}: ${why.replace(/\.$/, '')}.`);
  }
}

/** A metric whose grades are checked: nobody else has. */
function metricOf(
  name: string,
  grade: (...given: Parameters<Metric['grade']>) => unknown,
  given?: Partial<FileMetric>,
): FileMetric {
  return {
    broken: () => undefined,
    ...given,
    name,
    async grade(sample, item, context) {
      let value: number;
      try {
        value = Number(await grade(sample, item, context));
      } catch (error) {
        context.signal.throwIfAborted();
        if (error instanceof PlusxError) throw error;
        throw new MetricFailed({
          metric: name,
          item: item.id,
          why: error instanceof Error ? error.message : String(error),
        });
      }
      if (value >= 0 && value <= 1) return value;
      throw new MetricFailed({
        metric: name,
        item: item.id,
        why: `it returned ${value}. A grade is a number from 0 to 1`,
      });
    },
  };
}

const has = <K extends string>(value: unknown, ...keys: readonly K[]): value is Record<K, unknown> =>
  (typeof value === 'object' || typeof value === 'function') && value !== null && keys.every((key) => key in value);

const isTechnique = (value: unknown): value is AnyTechnique =>
  typeof value === 'function' && has(value, 'definition', 'takes');
const isScorer = (value: unknown): value is NamedScorer =>
  typeof value === 'object' && has(value, 'score', 'name') && typeof value.score === 'function';
const isMetric = (value: unknown): value is Metric =>
  typeof value === 'object' && has(value, 'grade') && typeof value.grade === 'function';
const isModel = (value: unknown): value is Model =>
  typeof value === 'object' && has(value, 'name', 'can', 'sample') && typeof value.sample === 'function';
const isClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value));

function shape(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a class';
  if (typeof value === 'object') return 'an object without `score`, `grade`, `sample` or `tools`';
  return `a ${typeof value === 'string' ? 'text' : typeof value}`;
}
