/** How the files of well-known sets read: `gsm8k:FILE`. */
import { DataError, type DeclaredFormat, type Json } from '../../core/index.ts';
import type { JsonLine } from '../../models/pool/index.ts';
import { BIG_BENCH_HARD } from './brackets.ts';
import { INSTRUCTIONS } from './instructions.ts';
import type { MetricName } from '../metrics.ts';
import { SPANS } from './spans.ts';
import type { FileMetric } from '../task.ts';

/** How the rows of a common file of questions read. */
export interface Format {
  readonly doc: string;
  /** What a row looks like, for the errors. */
  readonly expected: string;
  readonly metric: MetricName | FileMetric;
  /** What kind of answer its questions ask for, where all ask for one. */
  readonly answer?: DeclaredFormat | undefined;
  /** The rows of a file that is neither JSON Lines nor one JSON list. */
  readonly rows?: (text: string, file: string) => JsonLine[];
  readonly item: (value: JsonLine['value']) => FormatItem;
}

/** What a row says. What is missing or of another kind is told where the file is read. */
export interface FormatItem {
  readonly input: unknown;
  readonly expected: unknown;
  readonly answer?: DeclaredFormat | undefined;
  readonly id?: unknown;
  /** What it has in common with others, such as the passage they ask about. */
  readonly group?: string | undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const PAIRS = '{"qa_pairs": [{"question": ..., "answer": {"spans": [...]}}]}, by the key of a passage.';

/** Formats by name. */
export const FORMATS: { readonly [name: string]: Format } = {
  gsm8k: {
    doc: 'grade-school word problems: a JSONL file of {question, answer}, the number after "####"',
    expected: '{"question": ..., "answer": "... #### 42"}.',
    metric: 'numeric',
    answer: 'number',
    item: ({ question, answer, id }) => ({
      input: asked(question, END_WITH_NUMBER),
      expected: isText(answer) ? answer.split('####').at(-1)?.trim() : undefined,
      id,
    }),
  },
  math: {
    doc: 'competition mathematics: a JSONL file of {problem, answer}',
    expected: '{"problem": ..., "answer": ...}.',
    metric: 'exact',
    answer: 'math',
    item: ({ problem, answer, id }) => ({ input: asked(problem, END_BOXED), expected: answer, id }),
  },
  aqua: {
    doc: 'algebra with five options: a JSONL file of {question, options, correct}',
    expected: '{"question": ..., "options": ["A)...", ...], "correct": "B"}.',
    metric: 'exact',
    answer: 'choice',
    item: ({ question, options, correct, id }) => ({
      input:
        isText(question) && Array.isArray(options)
          ? `${question}\n${options.map((option) => String(option).replace(/^\(?([A-E])\)\s*/, '($1) ')).join('\n')}\n\n${END_WITH_LETTER}`
          : undefined,
      expected: isText(correct) && /^[A-E]$/.test(correct.trim()) ? correct.trim() : undefined,
      id,
    }),
  },
  strategyqa: {
    doc: 'questions that need several facts, yes or no: the JSON list of {qid, question, answer}',
    expected: '{"qid": ..., "question": ..., "answer": true}.',
    metric: 'exact',
    answer: 'boolean',
    item: ({ qid, question, answer }) => ({
      input: asked(question, END_WITH_YES_OR_NO),
      expected: typeof answer === 'boolean' ? (answer ? 'yes' : 'no') : undefined,
      id: qid,
    }),
  },
  bbh: {
    doc: 'a task of BIG-Bench Hard: its JSON file, {examples: [{input, target}]}; never train on it',
    expected: '{"input": ..., "target": ...}, in the list "examples".',
    metric: BIG_BENCH_HARD,
    rows: (text, file) => listed(documentIn(text, file)['examples'], file, 'has no list "examples".'),
    item: ({ input, target }) => ({
      input: asked(input, END_WITH_ANSWER),
      expected: isText(target) ? target.trim() : undefined,
      answer: isText(target) ? kindOf(target.trim()) : undefined,
    }),
  },
  mbpp: {
    doc: 'Python functions: a JSONL file of {task_id, text, test_list}; needs Python in the sandbox',
    expected: '{"task_id": ..., "text": ..., "test_list": ["assert ...", ...]}.',
    metric: 'code',
    answer: 'code',
    item: ({ task_id: id, text, prompt = text, test_list: tests, test_setup_code: setup, test_imports: imports }) => {
      const checks = Array.isArray(tests) && tests.length > 0 && tests.every(isText) ? tests : undefined;
      const before = isText(setup) ? setup : Array.isArray(imports) ? imports.join('\n') : '';
      return {
        id,
        input:
          isText(prompt) && checks
            ? `${prompt.trim()}\n${WRITE}\n\`\`\`python\n${checks.join('\n')}\n\`\`\``
            : undefined,
        expected: checks ? { language: 'python', tests: [before, ...checks].join('\n') } : undefined,
      };
    },
  },
  scan: {
    doc: 'commands to actions: a text file of lines "IN: jump twice OUT: I_JUMP I_JUMP"',
    expected: 'IN: jump twice OUT: I_JUMP I_JUMP',
    metric: 'exact',
    answer: 'answer',
    rows: (text, file) =>
      text.split('\n').flatMap((line, i) => {
        if (line.trim() === '') return [];
        const [, command, actions] = /^IN: (.+) OUT: (.+)$/.exec(line.trim()) ?? [];
        if (command === undefined)
          throw new DataError({ file, line: i + 1, problem: 'is no line "IN: ... OUT: ...".' });
        return [{ line: i + 1, value: { command, actions: (actions as string).trim() } }];
      }),
    item: ({ command, actions }) => ({ input: asked(command, TO_ACTIONS), expected: actions }),
  },
  letters: {
    doc: 'letter concatenation of Decomposed Prompting: its JSON file of question-answer pairs',
    expected: PAIRS,
    metric: 'exact',
    answer: 'answer',
    rows: pairsIn,
    item: ({ question, spans, id }) => ({
      input: asked(question, END_WITH_ANSWER),
      expected: Array.isArray(spans) ? spans[0] : undefined,
      id,
    }),
  },
  commaqa: {
    doc: 'CommaQA: its JSON file of passages with question-answer pairs; all names, in any order',
    expected: PAIRS,
    metric: SPANS,
    rows: pairsIn,
    item: ({ passage, question, spans, id, key }) => ({
      input: isText(passage) && isText(question) ? `${passage}\n\n${question}\n\n${END_WITH_NAMES}` : undefined,
      expected: spans,
      id,
      group: isText(key) ? key : undefined,
    }),
  },
  ifeval: {
    doc: 'instructions that a program can check: a JSONL file of {key, prompt, instruction_id_list, kwargs}',
    expected: '{"key": ..., "prompt": ..., "instruction_id_list": [...], "kwargs": [{...}]}.',
    metric: INSTRUCTIONS,
    answer: 'text',
    item: ({ key, prompt, instruction_id_list: ids, kwargs }) => ({
      id: key,
      input: prompt,
      expected:
        Array.isArray(ids) && Array.isArray(kwargs) && ids.length === kwargs.length
          ? { instructions: ids.map((id, i) => ({ ...(kwargs[i] as object), id })) }
          : undefined,
    }),
  },
  humaneval: {
    doc: 'Python functions: a JSONL file of {prompt, test, entry_point}; needs Python in the sandbox',
    expected: '{"prompt": "def ...", "test": "def check(candidate): ...", "entry_point": ...}.',
    metric: 'code',
    answer: 'code',
    item: ({ prompt, test, entry_point: entry, id }) => ({
      input: isText(prompt) ? `${COMPLETE}\n\n\`\`\`python\n${prompt.trimEnd()}\n\`\`\`` : prompt,
      expected:
        isText(prompt) && isText(test) && isText(entry)
          ? { language: 'python', start: prompt, tests: `${test}\ncheck(${entry})` }
          : undefined,
      id,
    }),
  },
};

const asked = (question: unknown, how: string): unknown => (isText(question) ? `${question}\n\n${how}` : question);

/** What kind of answer a target of BIG-Bench Hard is: an option, yes or no, a number, or words after "Answer:". */
function kindOf(target: string): DeclaredFormat {
  if (/^\([A-Z]\)$/.test(target)) return 'choice';
  if (/^(?:yes|no|true|false)$/i.test(target)) return 'boolean';
  return /^-?\d+$/.test(target) ? 'number' : 'answer';
}

function documentIn(text: string, file: string): { readonly [key: string]: Json } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new DataError({ file, problem: `is not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')}).` });
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document))
    return document as { [key: string]: Json };
  throw new DataError({ file, problem: 'is no JSON object.' });
}

function listed(list: Json | undefined, file: string, problem: string): JsonLine[] {
  if (!Array.isArray(list) || list.length === 0) throw new DataError({ file, problem });
  return list.map((value, i) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new DataError({ file, line: i + 1, problem: 'is no JSON object.' });
    return { line: i + 1, value };
  });
}

/** The form of DROP: passages by key, each with pairs of a question and an answer of spans. */
function pairsIn(text: string, file: string): JsonLine[] {
  const rows = Object.entries(documentIn(text, file)).flatMap(([key, entry]) => {
    const { passage, qa_pairs: pairs } = (entry ?? {}) as { readonly [field: string]: Json };
    return listed(pairs, file, `has no list "qa_pairs" under ${JSON.stringify(key)}.`).map(({ value }, i) => {
      const { question, answer, query_id: id } = value;
      const { spans } = (answer ?? {}) as { readonly spans?: unknown };
      return { key, passage, question, spans, id: `${key}/${isText(id) && id !== '' ? id : i}` };
    });
  });
  return rows.map((value, i) => ({ line: i + 1, value }));
}

const COMPLETE =
  'Complete this Python function. Reply with the whole function, its imports included, in one code block.';
const WRITE = 'Reply with the Python code alone, in one code block. It is to pass these tests:';
const END_WITH_NUMBER = 'Think step by step and end with "Answer: " and the number.';
const END_BOXED = 'Think step by step and put the final answer in \\boxed{}.';
const END_WITH_LETTER = 'Think step by step and end with "Answer: " and the letter of the option.';
const END_WITH_YES_OR_NO = 'Think step by step and end with "Answer: " and yes or no.';
const END_WITH_ANSWER = 'Think step by step and end with "Answer: " and the answer alone.';
const END_WITH_NAMES =
  'Think step by step and end with "Answer: " and all names that are asked for, with commas between them.';
const TO_ACTIONS =
  'Translate the command into actions: I_WALK, I_RUN, I_JUMP, I_LOOK, I_TURN_LEFT and I_TURN_RIGHT. End with "Answer: " and all actions in their order, with blanks between them.';
