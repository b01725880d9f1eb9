import { assert, constantFrom, integer, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer, type AnswerFormat } from './answer.ts';
import { answerOf, isSame } from './equality.ts';

const of = (reply: string, format?: AnswerFormat, question?: string): string | null =>
  readAnswer(reply, format, question)?.text ?? null;

/** Sentences around an answer, none of which change it. */
const SENTENCES: readonly ((answer: string) => string)[] = [
  (a) => a,
  (a) => `${a}.`,
  (a) => `The answer is ${a}.`,
  (a) => `Let me think. 2 of 3 fit, so the answer is ${a}.`,
  (a) => `Answer: ${a}`,
  (a) => `**Answer:** ${a}`,
  (a) => `**Final Answer**\n\n${a}`,
  (a) => `The final answer is **${a}**, as was shown in step 2.`,
  (a) => `The answer is ${a}. I hope this helps!`,
  (a) => `The answer is ${a} because of what was said above.`,
  (a) => `The answer is ${a}, since that follows from step 2.`,
  (a) => `The answer is ${a} (see step 2).`,
  (a) => `We work step by step: 1, 2, 3.\n\n### Final Answer\n\n${a}`,
  (a) => `First 3, then 4.\n#### ${a}`,
  (a) => `Therefore we get \\boxed{${a}}, and not \\boxed{}.`,
  (a) => `<answer>${a}</answer>`,
  (a) => `<think>The answer is 99999? No.</think>\nThe answer is ${a}`,
  (a) => `The answer is 99999. No, wait.\nThe answer is ${a}.`,
  (a) => `The answer is \`${a}\`, as computed.`,
  (a) => `Final answer:\n\n${a}\n\nLet me know if you have questions.`,
  (a) => `Answer: ${a}\nConfidence: 90%`,
  (a) => `La respuesta final es ${a}.`,
  (a) => `Die Antwort ist ${a}, weil das aus Schritt 2 folgt.`,
  (a) => `La réponse est ${a}, car c'est ainsi.`,
  (a) => `所以答案是：${a}。`,
  (a) => `答えは${a}です。`,
  (a) => `정답은 ${a}입니다.`,
  (a) => `Ответ: ${a}`,
  (a) => `The answer to the second question is ${a}. Let me know if the answer is clear.`,
];

describe('auto', () => {
  it.each([
    ['It is 3, so the answer is 12.', '12'],
    ['The final answer is: **12**', '12'],
    ['Answer:12', '12'],
    ['Reasoning...\n#### 1,234', '1234'],
    ['The answer is 3. No!\nThe answer is 4.', '4'],
    ['So \\boxed{x^{2}} it is, the answer is 3', 'x^{2}'],
    ['\\boxed{1} and \\boxed{ 2.50 }', '2.5'],
    ['Paris', 'Paris'],
    ['  Paris. ', 'Paris'],
    ['-3.0', '-3'],
    ['So the answer is 42, since 6*7 = 42.', '42'],
    ['The answer is 42 (forty-two).', '42'],
    ['The answer is B because it rains.', 'B'],
    ['Answer: 18 dollars', '18 dollars'],
    ['Answer: $18', '18'],
    ['The answer is **B**, as shown.', 'B'],
    ['<think>The answer is 7? No.</think>\nIt is 8.', '8'],
    ['The answer is:\n$$\n42\n$$', '42'],
    ['The answer is Paris, the capital of France.', 'Paris'],
    ['The answer is J. K. Rowling. She wrote it.', 'J. K. Rowling'],
    ['The answer is George W. Bush.', 'George W. Bush'],
    ['The answer is the U.S. It is large.', 'the U.S'],
    ['The answer is Dr. Smith. He said so.', 'Dr. Smith'],
    ['The answer is 3.5. Good.', '3.5'],
    ['The answer is p - q.', 'p - q'],
    ['The answer is (3, 4).', '(3, 4)'],
    ['The answer is $(0,9) \\cup (9,36)$.', '(0,9) \\cup (9,36)'],
    ['Answer: (6 - 4) * (5 - 1) * 3 = 24', '(6 - 4) * (5 - 1) * 3 = 24'],
    ['Answer: red, white and blue', 'red, white and blue'],
    ['Answer: April 5, 2021', 'April 5, 2021'],
    ['Answer: 05/01/2021', '05/01/2021'],
    ['Answer: a cat, a dog and a mouse', 'a cat, a dog and a mouse'],
    ["Answer: f([1, 2], 'a')", "f([1, 2], 'a')"],
    ['Answer: []', '[]'],
    ['Answer: {}. I hope this helps!', '{}'],
    ['42\n\nI hope this helps!', '42'],
    ['6 * 7 is 42.\n\n**42**', '42'],
    ['If the answer is 5, then x = 3.\nThe answer is 7.', '7'],
    ['The answer is 7.\nThis answer is correct.', '7'],
    ['Answer: 7\nAnswer:', '7'],
    ['The answer is $5 and $10.', '$5 and $10'],
    ['The answer is **3** or **4**.', '3 or 4'],
  ])('%j is %j', (reply, answer) => expect(of(reply)).toBe(answer));

  it.each([
    '',
    ' \n ',
    'First\nsecond',
    '\\boxed{never closed\nand on',
    'I cannot answer that question.\nSorry',

    'The answer depends on the weather.\nIt may rain.',
    "The answer isn't easy to give.\nTry again",
    'long '.repeat(60),

    '<think>the answer is 3 but let me',
    'The answer is ...',
    'The answer is \\boxed{}.',
    'Answer:',
    '**Answer:** ___',
    '1\n2\n3',
    'Is the answer 5?\nI do not know.',
    '...',
    '?',
  ])('%j has none', (reply) => expect(of(reply)).toBeNull());

  it('is an option, where the question lists them', () => {
    const question = 'Which is the capital of Italy?\n(A) Paris\n(B) Rome\n(C) Bern';
    const replies = ['B', 'The answer is Rome.', 'It must be (B).', 'The answer is B) Rome', 'Rome'];
    expect(replies.map((reply) => of(reply, 'auto', question))).toEqual(replies.map(() => 'B'));
    expect(of('The answer is 42.', 'auto', question)).toBe('42');
  });

  it('is the same in every sentence', () => {
    const answers = constantFrom(
      '42',
      '-7',
      '3.5',
      '1,234',
      '2/3',
      '10%',
      '$18',
      'B',
      'Paris',
      'New York',
      '05/01/2021',
      'yes',
      '(3, 4)',
    );
    assert(
      property(answers, constantFrom(...SENTENCES), (answer, sentence) => {
        const [read, expected] = [readAnswer(sentence(answer)), answerOf(answer)];
        expect([sentence(answer), read && expected && isSame(read, expected)]).toEqual([sentence(answer), true]);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, and is a text or nothing', () => {
    const formats = constantFrom<AnswerFormat>(
      ...([
        'auto',
        'text',
        'choice',
        'number',
        'math',
        'boolean',
        'json',
        'code',
        'answer',
        'boxed',
        'json:/a',
      ] as const),
    );
    assert(
      property(tuple(string({ unit: 'binary' }), string()), formats, ([reply, question], format) => {
        const answer = readAnswer(reply, format, question);
        expect(answer === undefined || (answer.text !== undefined && answer.base !== '')).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('number', () => {
  it.each([
    ['It costs $1,299.00', '1299'],
    ['So she has 18 eggs left.', '18'],
    ['9 * 2 = $18 every day', '18'],
    ['The answer is 6*7 = 42', '42'],
    ['15 * (2/3) = 10', '10'],
    ['The answer is 18 eggs out of 20.', '18'],
    ['The answer is 18 dollars for 9 eggs.', '18'],
    ['The answer is approximately 3.14.', '3.14'],
    ['The answer is minus five', '-5'],
    ['Answer: −7 °C', '-7'],
    ['Answer: 3,5', '3.5'],
    ['Answer: 1.234,50 €', '1234.5'],
    ['Antwort: 1/2', '0.5'],
    ['الإجابة هي ٤٢', '42'],
    ['Answer: ３．５', '3.5'],
    ['Answer: 3 × 10⁵ m', '300000'],
    ['Step 1: 3.\nStep 2: 4.\n\nShe makes 7 dollars a day.', '7'],
    ['Tom has 5 and Ann has 6, so together they have 5 + 6 = 11 marbles.', '11'],
  ])('%j is %s', (reply, number) => expect(of(reply, 'number')).toBe(number));

  it.each([
    'none',
    '',
    'Maybe 42?',
    'The answer is 3 or 4.',
    'Thus, between 3 and 4 of them.',
    'The answer is unknown.',
    'From 1,000 to 2,500.50 in -3 steps',
    'I am not sure, 5 or so.',
    'She has 3 red and 4 blue ones.',
    '<think>42',
    'The answer is 42.\nNo, the answer is unknown.',
    'Answer: x',
    'Answer: 05/01/2021',
    '#### ',
  ])('%j has none', (reply) => expect(of(reply, 'number')).toBeNull());

  it('is what was put into the sentence', () => {
    assert(
      property(integer({ min: -1e6, max: 1e6 }), constantFrom(...SENTENCES), (n, sentence) => {
        const reply = sentence(n.toLocaleString('en-US'));
        expect([reply, of(reply, 'number')]).toEqual([reply, String(n)]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the other kinds', () => {
  it.each<[AnswerFormat, string, string | null]>([
    ['answer', 'The answer is 3 of \\boxed{4}', '3 of \\boxed{4}'],
    ['answer', 'nothing here', null],
    ['boxed', 'The answer is 3', null],
    ['boxed', 'So \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
    ['text', 'two\n lines ', 'two lines'],
    ['text', '', null],
    ['json', '```json\n{"b": 1, "a": [2]}\n```', '{"a":[2],"b":1}'],
    ['json', 'Here it is: {"b": 1} as asked.', '{"b":1}'],
    ['json', '{"a": 1', null],
    ['json', 'I would rather not', null],
    ['json', '['.repeat(30_000) + ']'.repeat(30_000), null],
    ['json:/answer', '{"answer": 408, "why": "x"}', '408'],
    ['json:/a/0', 'Here: {"a": ["x"]} ok', 'x'],
    ['json:/a~1b/c~0d', '{"a/b": {"c~d": true}}', 'true'],
    ['json:/a', '{"a": {"c": 1, "b": 2}}', '{"b":2,"c":1}'],
    ['json:/b', '{"a": 1}', null],
    ['json:/a', '{"a": null}', null],
    ['json:/a', '{"a": " "}', null],
    ['json:/constructor', '{"a": 1}', null],
    ['math', 'So $x = \\frac{1}{2}$.', '\\frac{1}{2}'],
    ['math', '\\boxed{90^\\circ}', '90^\\circ'],
    ['math', 'The answer is $\\frac{1}{2}$, because it is.', '\\frac{1}{2}'],
    ['math', 'Long words that hold no answer at all', null],
    ['boolean', 'The answer is not correct', 'no'],
    ['boolean', 'Yes, it is.', 'yes'],
    ['boolean', 'Maybe.', null],
    ['code', '```js\nf()\n```', 'f()'],
    ['code', '```bash\nls\n```', null],
    [(reply) => /v=(\d+)/.exec(reply)?.[1], 'v=5', '5'],
    [(reply) => reply.length, 'abc', '3'],
    [() => null, 'abc', null],
    [() => '', 'abc', null],
    [(_, question) => question, 'abc', 'Q'],
  ])('%s of %j', (format, reply, answer) => expect(of(reply, format, 'Q')).toBe(answer));
});
