/** The metrics a file of questions can be graded with. Code is run in the host's sandbox only. */
import {
  canonicalJson,
  extractAnswer,
  InvalidOption,
  nearest,
  normalizeAnswer,
  questionOf,
  textOf,
  user,
  type Json,
  type Model,
} from '../core/index.ts';
import { CODE } from './code.ts';
import type { FileMetric } from './task.ts';

/** The metrics of a JSONL task, with a line of help each. */
export const METRICS = {
  exact: 'the final answer is the expected text, but for spaces, a full stop and thousands separators',
  numeric: 'the final answer is the expected number, to 6 digits',
  contains: 'the text contains the expected text (or one of a list), in any case',
  regex: 'the text matches the expected regular expression',
  json: 'the text is the expected JSON value',
  code: 'the code passes the expected tests, JavaScript or {"tests", "language": "python"}, in the sandbox',
  judge: 'a model says that the answer means the expected one',
} as const;
export type MetricName = keyof typeof METRICS;

export interface MetricOptions {
  /** The model that grades with `judge`. */
  readonly judge?: Model | undefined;
}

/** A metric by name. */
export function metricOf(name: string, { judge }: MetricOptions = {}): FileMetric {
  switch (name) {
    case 'exact':
      return EXACT;
    case 'numeric':
      return NUMERIC;
    case 'contains':
      return CONTAINS;
    case 'regex':
      return REGEX;
    case 'json':
      return JSON_VALUE;
    case 'judge':
      if (judge) return judged(judge);
      throw new InvalidOption({ where: 'metric', option: 'judge', rule: 'needs a model that grades' });
    case 'code':
      return CODE;
    default: {
      const near = nearest(name, Object.keys(METRICS));
      throw new InvalidOption({
        where: 'metric',
        option: JSON.stringify(name),
        rule: 'is no metric',
        hint: `${near ? `Did you mean \`${near}\`? ` : ''}There are: ${Object.keys(METRICS).join(', ')}`,
      });
    }
  }
}

const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));
const scalar = (value: Json): string | undefined =>
  typeof value === 'object' && value !== null ? 'must be a text, a number, true, false or null' : undefined;

const EXACT: FileMetric = {
  name: 'exact',
  broken: scalar,
  grade: (sample, { request, expected }) =>
    Number(extractAnswer(sample, request) === normalizeAnswer(asText(expected))),
};

const NUMERIC: FileMetric = {
  name: 'numeric',
  broken: (expected) => (numberIn(asText(expected)) === undefined ? 'must be a number or a text with one' : undefined),
  grade(sample, { request, expected }) {
    const right = numberIn(asText(expected)) as number;
    const answer = extractAnswer(sample, request);
    const given = numberIn(answer ?? '') ?? numberIn(answer === null ? textOf(sample.content) : '');
    return Number(given !== undefined && Math.abs(given - right) <= 1e-6 * Math.max(1, Math.abs(right)));
  },
};

const CONTAINS: FileMetric = {
  name: 'contains',
  broken: (expected) =>
    (
      Array.isArray(expected)
        ? expected.length > 0 && expected.every((one) => typeof one === 'string')
        : !scalar(expected)
    )
      ? undefined
      : 'must be a text or a list of texts',
  grade(sample, { expected }) {
    const text = textOf(sample.content).toLowerCase();
    const wanted = Array.isArray(expected) ? expected : [expected];
    return Number(wanted.some((one) => text.includes(asText(one).toLowerCase())));
  },
};

const REGEX: FileMetric = {
  name: 'regex',
  broken(expected) {
    if (typeof expected !== 'string') return 'must be a text, a regular expression';
    try {
      return void new RegExp(expected, 'u');
    } catch (error) {
      return `must be a regular expression (${(error as Error).message})`;
    }
  },
  grade: (sample, { expected }) => Number(new RegExp(asText(expected), 'u').test(textOf(sample.content))),
};

const JSON_VALUE: FileMetric = {
  name: 'json',
  broken: () => undefined,
  grade: (sample, { request, expected }) =>
    Number(extractAnswer(sample, request, 'json') === canonicalJson(expected ?? null)),
};

/** A model reads question, expected answer and answer, and says whether they agree. Cost: 1 call an answer. */
function judged(judge: Model): FileMetric {
  return {
    name: `judge(${judge.name})`,
    broken: () => undefined,
    async grade(sample, { request, expected }, context) {
      const prompt = [user(AGREE(questionOf(request.prompt), asText(expected), textOf(sample.content)))];
      const { samples } = await judge.sample({ prompt }, context);
      const verdict = textOf(samples[0]?.content ?? '')
        .match(/\b(?:yes|no)\b/gi)
        ?.at(-1)
        ?.toLowerCase();
      if (verdict === undefined)
        context.ledger.warn({
          code: 'no-verdict',
          message: `${judge.name} said neither yes nor no to an answer: it counts as wrong`,
        });
      return Number(verdict === 'yes');
    },
  };
}

/** The last number in a text. */
function numberIn(text: string): number | undefined {
  const found = text
    .replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, '')
    .match(/[-−]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi)
    ?.at(-1);
  return found === undefined ? undefined : Number(found.replace('−', '-'));
}

const AGREE = (question: string, expected: string, answer: string): string =>
  `Question:\n${question}\n\nReference answer:\n${expected}\n\nAnswer to grade:\n${answer}\n\nDoes the answer to grade agree with the reference answer? Reply with yes or no and nothing else.`;
