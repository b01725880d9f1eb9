/** Replies that say one thing over and over: whatever reads them takes as long for each character of a long one as of a short one. */
import { describe, expect, it } from 'vitest';
import { readAnswer, type AnswerFormat } from './answer.ts';
import { callsIn } from './forms/call.ts';
import { programIn, testsIn } from './forms/code.ts';
import { ANSWER_KINDS, answerOf } from './equality.ts';
import { itemsIn, linesWithoutMarks } from './forms/list.ts';
import { between, citationsIn, saysWords } from './forms/marks.ts';
import { endOf } from './plain.ts';
import { preferenceIn } from './forms/preference.ts';
import { ratingIn } from './forms/rating.ts';
import { splitThoughts, thoughtSplitter } from './thoughts.ts';
import { verdictIn, wordIn } from './forms/verdict.ts';

const MARKS = [
  '',
  ' ',
  '\n',
  '\t \n',
  '(',
  '[',
  '{',
  '}',
  '`',
  '"',
  '\\',
  '#',
  '*',
  ':',
  '-',
  '?',
  '!',
  '.',
  '$',
  '~',
  '★',
  '٣',
  '½',
  '²',
];
const SHORT = [
  '9',
  '9,',
  '1=',
  '1+',
  '2^',
  '1/',
  'a',
  'a ',
  '. ',
  '— ',
  '答案',
  '答案是',
  'x_1 ',
  '])',
  '[[A]]',
  '{}',
  '**a** ',
  "'a' ",
];
const LINES = [
  '1. a\n',
  '- ',
  'Answer: ',
  'Action: look {\n',
  'Action: look\nAction Input: {\n',
  'Better: ',
  '```js\n',
  '```js\nx\n```\n',
  'yes.\n',
];
const WORDS = [
  'the answer is 3. ',
  'answer to the ',
  'if the answer is ',
  'is A ',
  'A and ',
  'A > ',
  'the first is ',
  'A) x ',
  'not ',
  'no, ',
  'e.g. ',
];
const RATED = [
  '8/10 ',
  '8 out of ',
  'Score: 8 ',
  'rate it ',
  'from 0 to 10 ',
  'on a scale of 0 to ',
  'twenty ',
  'million ',
  '1 x 10^',
  '1,000,',
];
const TAGS = [
  '<think>',
  '</think>',
  '<think>\n',
  'a <think> ',
  '<|channel|>',
  '<answer>',
  '</answer>',
  '<tool_call>',
  '<function=a>',
  '[TOOL_CALLS] [',
];
const TEX = ['\\boxed{', '\\frac{', '\\sqrt', '\\text{', '^\\circ', '\\(', '\\left', '{,}'];
const PIECES = [...MARKS, ...SHORT, ...LINES, ...WORDS, ...RATED, ...TAGS, ...TEX];
const BEFORE = ['', 'x', '1. ', 'Answer: ', 'Rating: ', 'Action: look '];

const many = (piece: string, length: number): string => piece.repeat(Math.ceil(length / Math.max(1, piece.length)));
const repliesOf = (length: number): string[] => [
  ...PIECES.map((piece) => many(piece, length)),
  ...BEFORE.flatMap((before) =>
    [' ', '*', '`', '(', '9', 'a ', '- '].map((piece) => `${before}a${many(piece, length)}b`),
  ),
  '['.repeat(length / 2) + ']'.repeat(length / 2),
  `<think>${many('a\n', length)}`,
  `Answer: ${many('3, ', length)}.`,
];

const FORMATS: readonly AnswerFormat[] = [...ANSWER_KINDS, 'answer', 'boxed', 'json:/a'];
const READERS: readonly (readonly [name: string, read: (text: string) => unknown])[] = [
  ...FORMATS.map(
    (format) => [`answer ${String(format)}`, (text: string) => readAnswer(text, format, 'Which?\nA) x\nB) y')] as const,
  ),
  ['options', (text) => readAnswer('Answer: x', 'auto', text)],
  ['whole answers', (text) => ANSWER_KINDS.map((kind) => answerOf(text, kind))],
  ['rating', (text) => ratingIn(text)],
  ['verdict', verdictIn],
  ['word', (text) => wordIn(text, ['sure', 'likely'])],
  ['letter', (text) => preferenceIn(text, { count: 2, by: 'letter', tie: true })],
  ['place', (text) => preferenceIn(text, { count: 3, by: 'number' })],
  ['items', itemsIn],
  ['lines', linesWithoutMarks],
  ['calls', (text) => callsIn(text, ['look'])],
  ['program', (text) => programIn(text)],
  ['tests', testsIn],
  ['thoughts', (text) => splitThoughts(text)],
  ['end', endOf],
  ['marks', (text) => [citationsIn(text), between(text, 'a'), saysWords(text, 'x')]],
  [
    'stream',
    (text) => {
      const splitter = thoughtSplitter();
      for (let at = 0; at < text.length; at += 16) splitter.push(text.slice(at, at + 16));
      return splitter.end();
    },
  ],
];

/** The least processor time of a few, in ms: what the work takes where nothing else is in its way. */
function timeOf(work: () => unknown): number {
  const once = (): number => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  return Math.max(0.05, Math.min(once(), once(), once(), once(), once()));
}

describe.each(READERS)('%s', (_, read) => {
  it('takes no longer for a character of a long reply than of a short one', { timeout: 120_000 }, () => {
    const [short, long] = [repliesOf(4_000), repliesOf(64_000)];
    for (const [i, text] of long.entries()) {
      const quick = performance.now();
      read(text);
      if (performance.now() - quick < 20) continue; // too little to tell
      // 16 where time grows with the length, 256 where it grows with its square; a busy machine is asked again
      const ratio = (): number => timeOf(() => read(text)) / timeOf(() => read(short[i] as string));
      const isLinear = ratio() < 100 || ratio() < 100 || ratio() < 100;
      expect({ text: text.slice(0, 40), isLinear }).toEqual({ text: text.slice(0, 40), isLinear: true });
    }
  });
});
