/** Answers of real models, on record with their grades, put into sentences: what is read of them has the grade on record. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer.ts';
import { answerOf, classesOf, isSame, type AnswerKind } from './equality.ts';

const DATA = join(import.meta.dirname, '../../../../shared/data');
const hasData = existsSync(join(DATA, 'matrices'));
if (!hasData) console.warn('reading: recorded answers skipped, there is no ../shared/data');

interface Row {
  readonly answer: string;
  readonly gold: string;
  readonly isRight: boolean;
}
const lines = (file: string): unknown[] => {
  const bytes = readFileSync(join(DATA, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
};
function matrix(file: string, takes: RegExp): Row[] {
  const rows = lines(file) as { gold: unknown; runs: { [model: string]: [unknown, number, number] } }[];
  return rows.flatMap(({ gold, runs }) =>
    Object.values(runs)
      .filter(([answer]) => takes.test(String(answer)))
      .map(([answer, right]) => ({
        answer: String(answer),
        gold: String(gold).replace(/^#### /, ''),
        isRight: right === 1,
      })),
  );
}
/** So many rows, evenly spread. */
const some = (rows: readonly Row[], count: number): Row[] =>
  rows.filter((_, i) => Math.floor((i * count) / rows.length) !== Math.floor(((i - 1) * count) / rows.length));

const SENTENCES: readonly ((answer: string) => string)[] = [
  (a) => a,
  (a) => `${a}.`,
  (a) => `The answer is ${a}.`,
  (a) => `Let me think. So the answer is ${a}.`,
  (a) => `Answer: ${a}`,
  (a) => `**Answer:** ${a}`,
  (a) => `The final answer is **${a}**.`,
  (a) => `The answer is ${a}. I hope this helps!`,
  (a) => `The answer is ${a} because of what was said above.`,
  (a) => `The answer is ${a}, since that follows from step 2.`,
  (a) => `We work step by step.\n\n### Final Answer\n\n${a}`,
  (a) => `First 3, then 4.\n#### ${a}`,
  (a) => `Therefore we get \\boxed{${a}}.`,
  (a) => `<think>maybe 7</think>\n<answer>${a}</answer>`,
  (a) => `<think>The answer is 99999? No.</think>\nThe answer is ${a}`,
  (a) => `The answer is \`${a}\`, as computed.`,
  (a) => `Final answer:\n\n${a}\n\nLet me know if you have questions.`,
  (a) => `La respuesta final es ${a}.`,
  (a) => `所以答案是：${a}`,
  (a) => `Die Antwort ist ${a}, weil das aus Schritt 2 folgt.`,
  (a) => `Answer: ${a}\nConfidence: 90%`,
];

function disagreements(rows: readonly Row[], kind: AnswerKind): string[] {
  return rows.flatMap(({ answer, gold, isRight }) =>
    SENTENCES.flatMap((sentence) => {
      const [read, expected] = [readAnswer(sentence(answer), kind), answerOf(gold, kind)];
      const same = read !== undefined && expected !== undefined && isSame(read, expected);
      return same === isRight ? [] : [`${sentence(answer)} | ${gold}`];
    }),
  );
}

const NUMBER = /^-?[\d.,]+%?$/;
const SETS: readonly (readonly [name: string, file: string, takes: RegExp, kind: AnswerKind])[] = [
  ['GSM8K', 'matrices/zeroeval/matrix_gsm.jsonl.gz', NUMBER, 'number'],
  ['GSM8K', 'matrices/zeroeval/matrix_gsm.jsonl.gz', NUMBER, 'auto'],
  ['MultiArith', 'matrices/faithful_cot/matrix_MultiArith.jsonl.gz', NUMBER, 'number'],
  ['AQUA', 'matrices/faithful_cot/matrix_AQUA.jsonl.gz', /^[A-E]$/, 'choice'],
  ['AQUA', 'matrices/faithful_cot/matrix_AQUA.jsonl.gz', /^[A-E]$/, 'auto'],
  ['StrategyQA', 'matrices/faithful_cot/matrix_StrategyQA.jsonl.gz', /^(?:true|false)$/, 'boolean'],
  ['date', 'matrices/faithful_cot/matrix_date.jsonl.gz', /^\d\d\/\d\d\/\d{4}$/, 'auto'],
];

describe.runIf(hasData)('recorded answers in sentences', () => {
  it.each(SETS)('%s: %s', (_, file, takes, kind) => {
    const rows = some(matrix(file, takes), 200);
    expect(rows.length).toBeGreaterThan(100);
    expect(disagreements(rows, kind)).toEqual([]);
  });

  it('gives each answer one class, whatever sentence it stands in', () => {
    for (const { answer } of some(matrix('matrices/zeroeval/matrix_gsm.jsonl.gz', NUMBER), 100)) {
      const classes = classesOf(SENTENCES.map((sentence) => readAnswer(sentence(answer))));
      expect(new Set(classes).size).toBe(1);
    }
  });
});

const FILE = 'tasks/math500/test500.jsonl';
interface Problem {
  readonly solution: string;
  readonly answer: string;
}
const grouped = (digits: string): string => Number(digits).toLocaleString('en-US');
const DRESSES: { readonly [name: string]: (answer: string) => string } = {
  'as it is': (a) => a,
  dfrac: (a) => a.replaceAll('\\frac', '\\dfrac'),
  tfrac: (a) => a.replaceAll(/\\d?frac/g, '\\tfrac'),
  'short fractions': (a) => a.replaceAll(/\\frac\{(\d)\}\{(\d)\}/g, '\\frac$1$2'),
  stroke: (a) => a.replaceAll(/(?<!\d)\\d?frac\{(\d+)\}\{(\d+)\}/g, '$1/$2'),
  'no blank behind commas': (a) => a.replaceAll(', ', ','),
  'a blank behind commas': (a) => a.replaceAll(/,(?=[^\s\d!\\])/g, ', '),
  'no \\left': (a) => a.replaceAll(/\\(?:left|right)/g, ''),
  'no degrees': (a) => a.replace('^\\circ', ''),
  'no \\text': (a) => a.replaceAll(/\\(?:text|mbox)\{([^}]*)\}/g, '$1'),
  'no dollars': (a) => a.replaceAll('\\$', ''),
  'a unit': (a) => (/^\d+$/.test(a) ? `${a}\\text{ cm}` : a),
  'a name': (a) => (/=|\\in(?![a-z])/.test(a) ? a : `x = ${a}`),
  thousands: (a) => a.replace(/^\d{4,}$/, grouped),
  'thousands in braces': (a) => a.replace(/^\d{4,}$/, (digits) => grouped(digits).replaceAll(',', '{,}')),
  decimals: (a) => a.replace(/^\d+$/, '$&.0'),
  'a zero in front': (a) => a.replace(/^\./, '0.'),
  'short roots': (a) => a.replaceAll(/\\sqrt\{(\d)\}/g, '\\sqrt$1'),
  'braces behind ^': (a) => a.replaceAll(/\^(\d)/g, '^{$1}'),
  dollars: (a) => `$${a}$`,
  brackets: (a) => `\\(${a}\\)`,
  'true minus': (a) => a.replaceAll('-', '−'),
  'a stop': (a) => `${a}.`,
};
const NEIGHBOURS: { readonly [name: string]: (answer: string) => string } = {
  'the last number by one': (a) => a.replace(/\d+(?!.*\d)/, (digits) => String(BigInt(digits) + 1n)),
  'the first number by one': (a) => a.replace(/\d+/, (digits) => String(BigInt(digits) + 1n)),
  'the sign': (a) => (a === '0' ? a : a.startsWith('-') ? a.slice(1) : `-${a}`),
  'the unit': (a) =>
    a
      .replace('\\$', '€')
      .replace('^\\circ', '\\text{ cm}')
      .replace(/(?<=\{ ?)(?:cm|inches|cents|degrees)/, 'miles'),
  'fractions upside down': (a) => a.replaceAll(/\\frac\{(\d+)\}\{(\d+)\}/g, '\\frac{$2}{$1}'),
  'plus and minus': (a) => a.replace(/(?<=\w )[+-]/, (sign) => (sign === '+' ? '-' : '+')),
  'the option': (a) => a.replace(/\(([A-E])\)/, (_, letter: string) => `(${letter === 'A' ? 'B' : 'A'})`),
  'the bracket': (a) => a.replace(/\]$/, ')'),
  'the order': (a) => a.replace(/^\(([^,()]+),([^,()]+)\)$/, '($2,$1)'),
};

describe.runIf(existsSync(join(DATA, FILE)))('the answers of MATH-500', () => {
  const problems = existsSync(join(DATA, FILE)) ? (lines(FILE) as Problem[]) : [];
  const isRight = (reply: string, answer: string): boolean => {
    const [read, expected] = [readAnswer(reply, 'math'), answerOf(answer, 'math')];
    return read !== undefined && expected !== undefined && isSame(read, expected);
  };

  it('are read in the reference solutions', () => {
    expect(problems.length).toBe(500);
    expect(problems.filter(({ solution, answer }) => !isRight(solution, answer))).toEqual([]);
  });

  it.each(Object.entries(DRESSES))('are the same in another dress: %s', (_, dress) => {
    const wrong = problems.filter(({ answer }) => !isRight(`So it is \\boxed{${dress(answer)}}.`, answer));
    expect(wrong.map(({ answer }) => answer)).toEqual([]);
  });

  it.each(Object.entries(NEIGHBOURS))('are not what differs in %s', (_, change) => {
    const near = problems
      .map(({ answer }) => [change(answer), answer] as const)
      .filter(([other, answer]) => other !== answer);
    expect(near.length).toBeGreaterThan(0);
    expect(near.filter(([other, answer]) => isRight(`So it is \\boxed{${other}}.`, answer))).toEqual([]);
  });
});
