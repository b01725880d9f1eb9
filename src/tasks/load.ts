/** Tasks by address. */
import { checkNames, InvalidOption, nearest, type Model } from '../core/index.ts';
import { game24Metric } from './game24.ts';
import { GENERATED, generatedItems } from './generated.ts';
import { FORMATS } from './sets/formats.ts';
import { readItems } from './json-lines.ts';
import { metricOf, type MetricName } from './metrics.ts';
import type { Mapping } from './rows.ts';
import { poolTask } from './pool.ts';
import type { FileMetric, Metric, Task } from './task.ts';
import { TINY_TASKS } from './tiny-names.ts';
import { tinyTask } from './tiny.ts';

export interface LoadTaskOptions {
  /** How the answers of a file are graded: by name, or by a metric of your own. Default `exact`. Built-in tasks and pools bring their own metric. */
  readonly metric?: MetricName | FileMetric | undefined;
  /** The model that grades with `metric: 'judge'`. */
  readonly judge?: Model | undefined;
  /** Which fields or columns of a file are the question, the expected answer and the id. Default `input`, `expected`, `id`. */
  readonly mapping?: Mapping | undefined;
  /** Items of a generated task. Default 100. */
  readonly size?: number | undefined;
  /** Seed of a generated task. Default 0. */
  readonly seed?: number | undefined;
  /**
   * The field of a file's lines that names the group of an item, such as the page that several questions are about. Intervals of
   * an evaluation then count a group as one item.
   */
  readonly group?: string | undefined;
  /** The field of a file's lines that holds the tags of an item, a list or a text with commas: results are told by tag as well. */
  readonly tags?: string | undefined;
}

/** How a generated task is graded. */
const GRADED: { readonly [name: string]: Metric } = { arithmetic: metricOf('numeric'), game24: game24Metric };

/** What there is besides JSONL files, for the help. */
export const BUILT_IN_TASKS: readonly { readonly name: string; readonly doc: string }[] = [
  ...Object.entries(GENERATED).map(([name, { doc }]) => ({ name, doc })),
  ...Object.entries(TINY_TASKS).map(([name, doc]) => ({
    name: `tiny:${name}`,
    doc: `${doc} (held out of plusx:tiny)`,
  })),
  ...Object.entries(FORMATS).map(([name, { doc }]) => ({ name: `${name}:FILE`, doc })),
  { name: 'pool:FILE', doc: 'recorded samples of a real model: its questions, its answers, what was right' },
];

/**
 * A task by address: a built-in name, `tiny:NAME`, `pool:FILE`, `gsm8k:FILE` and the like, or a file of questions and expected answers: JSON Lines, a JSON list, CSV or TSV.
 * Errors: DataError naming file and line; InvalidOption for an unknown name or metric.
 */
export async function loadTask(address: string, options: LoadTaskOptions = {}): Promise<Task> {
  const known = ['metric', 'judge', 'mapping', 'size', 'seed', 'group', 'tags'] satisfies (keyof LoadTaskOptions)[];
  checkNames('loadTask', options, known);
  const { metric, mapping, size = 100, seed = 0, group, tags } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new InvalidOption({ where: address, option: 'size', rule: 'must be a positive integer', value: size });
  const generated = Object.hasOwn(GENERATED, address) ? GENERATED[address] : undefined;
  const grading = Object.hasOwn(GRADED, address) ? GRADED[address] : undefined;
  if (generated && grading) {
    refuseOwn(address, options);
    const items = generatedItems(generated, size, seed);
    return { name: address, items, metric: grading, answer: generated.answer };
  }
  const own = /^tiny:(.*)$/.exec(address)?.[1];
  if (own !== undefined && Object.hasOwn(TINY_TASKS, own)) {
    refuseOwn(address, options);
    return tinyTask(own);
  }
  const [, scheme = '', file = ''] = /^(\w{2,}):(.*)$/s.exec(address) ?? [];
  const isFormat = Object.hasOwn(FORMATS, scheme);
  if ((isFormat || scheme === 'pool') && file === '')
    throw new InvalidOption({
      where: 'task',
      option: `${scheme}:`,
      rule: 'names no file',
      hint: `Write ${scheme}:FILE`,
    });
  if (scheme === 'pool') {
    refuseOwn(address, options);
    return poolTask(file);
  }
  const format = isFormat ? FORMATS[scheme] : undefined;
  if (!format && !looksLikeFile(address)) throw unknown(address);
  const graded = graderOf(metric ?? format?.metric ?? 'exact', options);
  if (format) refuseMapping(address, mapping);
  const items = await readItems(format ? file : address, graded, { format, mapping, group, tags });
  return { name: address, items, metric: graded, answer: graded.answer ?? format?.answer };
}

const graderOf = (metric: MetricName | FileMetric, options: LoadTaskOptions): FileMetric =>
  typeof metric === 'object' ? metric : metricOf(metric, options);

const looksLikeFile = (address: string): boolean => /[./\\]/.test(address);

/** What a task that is no file of the caller's brings along. */
function refuseOwn(where: string, { metric, mapping, group, tags }: LoadTaskOptions): void {
  if (group !== undefined)
    throw new InvalidOption({ where, option: 'group', rule: 'names a field of a file of questions, and this is none' });
  if (tags !== undefined)
    throw new InvalidOption({ where, option: 'tags', rule: 'names a field of a file of questions, and this is none' });
  if (metric !== undefined)
    throw new InvalidOption({ where, option: 'metric', rule: 'cannot be chosen: the task brings its own' });
  refuseMapping(where, mapping);
}

function refuseMapping(where: string, mapping: Mapping = {}): void {
  const named = Object.entries(mapping).find(([, name]) => name !== undefined);
  if (named)
    throw new InvalidOption({ where, option: `mapping.${named[0]}`, rule: 'cannot be chosen: its fields are known' });
}

function unknown(address: string): InvalidOption {
  const names = BUILT_IN_TASKS.map(({ name }) => name);
  const near = nearest(address, names);
  return new InvalidOption({
    where: 'task',
    option: JSON.stringify(address),
    rule: 'is neither a built-in task nor a file',
    hint: `${near ? `Did you mean \`${near}\`? ` : ''}Built in: ${names.join(', ')}; a file needs its ending, such as questions.jsonl`,
  });
}
