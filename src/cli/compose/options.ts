/** What stands on the command line, read and checked: every rule broken is a usage error that says what is wanted. */
import { InvalidArgumentError } from 'commander';
import {
  ANSWER_FORMATS,
  isAnswerFormat,
  nearest,
  type AnswerFormat,
  type Limits,
  type Price,
  type PromptCache,
} from '../../core/index.ts';
import type { MetricName } from '../../tasks/index.ts';

/** Options every verb that calls a model takes. */
export interface RunOptions {
  readonly model?: string | undefined;
  readonly plus?: string | undefined;
  /** US dollars a token. */
  readonly price?: Price | undefined;
  /** A file of prices by model. */
  readonly prices?: string | undefined;
  readonly promptCache?: PromptCache | undefined;
  /** How a local file samples where no option says. */
  readonly defaults?: 'plain' | 'card' | undefined;
  /** The name under which the model is kept. */
  readonly save?: string | undefined;
  readonly seed?: number | string | undefined;
  readonly budget?: Limits | undefined;
  /** Say what would be spent at most, and spend nothing. */
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
  readonly askAbove?: Limits | undefined;
  readonly store?: string | undefined;
  readonly memory?: string | undefined;
  /** Files whose exports a formula, or --metric, may name. */
  readonly import?: readonly string[] | undefined;
  /** MCP servers whose tools a formula may name. */
  readonly mcp?: readonly string[] | undefined;
  /** What a formula may name besides techniques, models and scorers. */
  readonly functions?: { readonly [name: string]: unknown } | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Days of an age such as `90d`, `12w` or `36h`. */
export function age(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([hdw])$/.exec(text) ?? [];
  if (unit === '') throw new InvalidArgumentError('An age is a number with h, d or w, as in 90d.');
  return Number(number) * (unit === 'h' ? 1 / 24 : unit === 'w' ? 7 : 1);
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError(`It must be a positive integer, got ${JSON.stringify(text)}.`);
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^-?\d{1,9}$/.test(text))
    throw new InvalidArgumentError(`It must be a whole number, got ${JSON.stringify(text)}.`);
  return value;
}

/** A limit of a host, as in api.example.com=50. */
export function hostLimit(text: string, before: readonly HostLimit[] = []): HostLimit[] {
  const [, host = '', number = ''] = /^([^\s=/]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (!(Number(number) > 0))
    throw new InvalidArgumentError(`It must be HOST=NUMBER, as in api.example.com=50, got ${JSON.stringify(text)}.`);
  return [...before, { host, most: Number(number) }];
}

/** Most calls of a host: a second, or at one time. */
export interface HostLimit {
  readonly host: string;
  readonly most: number;
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new InvalidArgumentError(`It must be a port from 0 to 65535, got ${JSON.stringify(text)}.`);
  return value;
}

export function nonNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || value === Infinity)
    throw new InvalidArgumentError(`It must be a number of at least 0, got ${JSON.stringify(text)}.`);
  return value;
}

/** A share of the likeliest tokens. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1))
    throw new InvalidArgumentError(`It must be a number above 0 and at most 1, got ${JSON.stringify(text)}.`);
  return value;
}

/** One more stop sequence: \\n and \\t stand for a line break and a tab. */
export function stopSequence(text: string, before: readonly string[] = []): string[] {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return [...before, text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')];
}

/** A kind of answer, or a pointer into JSON. */
export function answerFormat(text: string): AnswerFormat {
  if (!isAnswerFormat(text))
    throw new InvalidArgumentError(
      `It must be one of ${ANSWER_FORMATS.join(', ')}, or a pointer such as json:/answer.`,
    );
  return text;
}

/** A whole number seeds as a number, anything else as a text. */
export function seed(text: string): number | string {
  return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

const LIMITS = ['calls', 'tokens', 'usd', 'ms'] as const;

/** `calls=100,usd=0.5`. */
export function limits(text: string): Limits {
  const entries = text.split(',').map((part): [string, number] => {
    const [, name = part.trim(), amount = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (!LIMITS.some((limit) => limit === name)) {
      const near = nearest(name, LIMITS);
      throw new InvalidArgumentError(
        `There is no limit ${JSON.stringify(name)}${near ? ` (did you mean ${near}?)` : ''}. Limits are ${LIMITS.join(', ')}, as in calls=100,usd=0.5.`,
      );
    }
    const value = Number(amount);
    if (amount === '' || !(value >= 0) || value === Infinity)
      throw new InvalidArgumentError(
        `${name} must be a number of at least 0, got ${JSON.stringify(amount)}, as in ${name}=100.`,
      );
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** `calls<=8,usd<=0.01`: what one answer may take. */
export function perQuestion(text: string): Limits {
  return limits(text.replaceAll('<=', '='));
}

/** `0.25,2`, or `3,15,0.3,3.75`: US dollars for a million tokens in and out, and of input that a cache had and that was put there. */
export function price(text: string): Price {
  const parts = text.split(',').map((part) => (part.trim() ? Number(part) : Number.NaN));
  if (parts.length < 2 || parts.length > 4 || !parts.every((part) => part >= 0 && part < Infinity))
    throw new InvalidArgumentError(
      'Write US dollars for a million tokens in and out, as in 0.25,2; behind them those of cached input and of what is put into a cache, as in 3,15,0.3,3.75.',
    );
  const [input = 0, output = 0, cachedInput, cacheWriteInput] = parts.map((part) => part / 1e6);
  return { input, output, cachedInput, cacheWriteInput };
}

/** `n=1,2,4,8`: the option a curve runs over, and its values. */
export interface Over {
  readonly option: string;
  readonly values: readonly number[];
}

export function over(text: string): Over {
  const [, option, list] = /^\s*([A-Za-z]\w*)\s*=(.+)$/.exec(text) ?? [];
  if (option === undefined || list === undefined)
    throw new InvalidArgumentError('Write an option and its values, as in n=1,2,4,8.');
  const values = list.split(',').map((item) => positiveInteger(item.trim()));
  return { option, values: [...new Set(values)].toSorted((a, b) => a - b) };
}

/** `one,two`. */
export function names(text: string): string[] {
  const all = text.split(',').map((name) => name.trim());
  if (all.includes('')) throw new InvalidArgumentError('Write names with commas between them, as in one,two.');
  return all;
}

/** Names of the metrics a JSONL file can be graded with. */
export const METRIC_NAMES = ['exact', 'numeric', 'contains', 'regex', 'json', 'code', 'judge'] satisfies MetricName[];

/** What one unit of work is: an item, or some branches of its search. */
export const SPLITS = ['items', 'branches'] as const;
export type Split = (typeof SPLITS)[number];
