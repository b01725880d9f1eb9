/** The metrics a file of questions can be graded with. Code is run in the host's sandbox only. */
import {
  answerIn,
  declaring,
  expectedAnswer,
  InvalidOption,
  isSame,
  nearest,
  questionOf,
  textOf,
  user,
  type Equality,
  type Json,
  type Model,
  type Request,
  type Sample,
} from '../core/index.ts';
import { computeEngine } from './math/compute-engine.ts';
import { mathEquality } from './math/equality.ts';
import { endOf, said, verdictIn } from '../core/reading/index.ts';
import { CODE } from './code.ts';
import type { FileMetric } from './task.ts';

/** The metrics of a JSONL task, with a line of help each. */
export const METRICS = {
  exact: 'the final answer is the expected one: numbers by value, options by letter, texts in any case',
  numeric: 'the final answer is the expected number, by value and to 6 digits',
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
  grade: (sample, { request, expected }) => agrees(sample, request, asText(expected)),
};

const NUMERIC: FileMetric = {
  name: 'numeric',
  answer: 'number',
  broken: (expected) =>
    expectedAnswer(asText(expected), NO_QUESTION, 'number') ? undefined : 'must be a number or a text with one',
  grade: (sample, { request, expected }) => agrees(sample, declaring(request, 'number'), asText(expected)),
};

const NO_QUESTION: Request = { prompt: [] };

/** 1 where the answer of a candidate is the expected one, by the kind that its request declares. */
async function agrees(sample: Sample, request: Request, expected: string): Promise<number> {
  const [given, right] = [answerIn(sample, request), expectedAnswer(expected, request)];
  if (given === undefined || right === undefined) return 0;
  return Number(isSame(given, right, await equalityFor(request)));
}

let mathematics: Promise<Equality> | undefined;

/** Mathematics by shape, and by a library where one is installed; what these cannot tell, and every other kind, by its own equality. */
function equalityFor({ providerOptions }: Request): Promise<Equality> | undefined {
  if (providerOptions?.['plusx']?.['answer'] !== 'math') return undefined;
  return (mathematics ??= computeEngine().then(mathEquality));
}

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
    const text = said(textOf(sample.content)).toLowerCase();
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
  grade: (sample, { expected }) => Number(new RegExp(asText(expected), 'u').test(said(textOf(sample.content)))),
};

const JSON_VALUE: FileMetric = {
  name: 'json',
  answer: 'json',
  broken: () => undefined,
  grade: (sample, { request, expected }) =>
    agrees(sample, declaring(request, 'json'), JSON.stringify(expected ?? null)),
};

/** A model reads question, expected answer and answer, and says whether they agree. Cost: 1 call an answer. */
function judged(judge: Model): FileMetric {
  return {
    name: `judge(${judge.name})`,
    asks: { model: judge, calls: 1 },
    broken: () => undefined,
    async grade(sample, { request, expected }, context) {
      const prompt = [user(AGREE(questionOf(request.prompt), asText(expected), said(textOf(sample.content))))];
      const { samples } = await judge.sample({ prompt }, context);
      const reply = textOf(samples[0]?.content ?? '');
      const verdict = verdictIn(reply);
      if (verdict === undefined)
        context.ledger.warn({
          code: 'no-verdict',
          message: `${judge.name} said neither yes nor no to an answer, which counts as wrong: its reply ends ${endOf(reply)}`,
        });
      return Number(verdict === true);
    },
  };
}

const AGREE = (question: string, expected: string, answer: string): string =>
  `Question:\n${question}\n\nReference answer:\n${expected}\n\nAnswer to grade:\n${answer}\n\nDoes the answer to grade agree with the reference answer? Reply with yes or no and nothing else.`;
