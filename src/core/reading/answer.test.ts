import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_FORMATS, extractAnswer, normalizeAnswer, type AnswerFormat } from './answer.ts';
import type { Content } from '../message.ts';
import type { Request, Sample } from '../sample.ts';

const sample = (content: readonly Content[], more: Partial<Sample> = {}): Sample => ({
  content,
  finish: { unified: 'stop', raw: 'stop' },
  weight: 1,
  semantics: { kind: 'exact', target: 'P', why: '' },
  ...more,
});
const said = (text: string, more: Partial<Sample> = {}): Sample => sample([{ type: 'text', text }], more);
const request: Request = { prompt: [] };
const of = (text: string, format?: AnswerFormat): string | null => extractAnswer(said(text), request, format);

describe('the answer of a text', () => {
  it.each([
    ['It is 3, so the answer is 12.', '12'],
    ['The final answer is: **12**', '12'],
    ['**Answer:** 12', '12'],
    ['Answer:12', '12'],
    ['Reasoning...\n#### 1,234', '1234'],
    ['The answer is 3. No!\nThe answer is 4.', '4'],
    ['### Final answer\n\n12', '12'],
    ['So \\boxed{x^{2}} it is, the answer is 3', 'x^{2}'],
    ['\\boxed{1} and \\boxed{ 2.50 }', '2.5'],
    ['Paris', 'Paris'],
    ['  Paris. ', 'Paris'],
    ['-3.0', '-3'],
    ['First\nsecond', null],
    ['', null],
    [' \n ', null],
    ['\\boxed{never closed\nand on', null],
    ['I cannot answer that question.\nSorry', null],
    ['The answer depends on the weather.\nIt may rain.', null],
    ["The answer isn't easy to give.\nTry again", null],
    ['long '.repeat(60), null],
  ])('%j is %j', (text, answer) => {
    expect(of(text)).toBe(answer);
  });

  it.each([
    ['answer', 'The answer is 3 of \\boxed{4}', '3 of \\boxed{4}'],
    ['answer', 'nothing here', null],
    ['boxed', 'The answer is 3', null],
    ['number', 'From 1,000 to 2,500.50 in -3 steps', '-3'],
    ['number', 'It costs $1,299.00', '1299'],
    ['number', 'none', null],
    ['json', '```json\n{"b": 1, "a": [2]}\n```', '{"a":[2],"b":1}'],
    ['json', '{"a": 1', null],
    ['text', 'two\n lines ', 'two lines'],
  ] as const)('in the format %s of %j is %j', (format, text, answer) => {
    expect(of(text, format)).toBe(answer);
  });

  it('is what the model declares, unless a format is asked for', () => {
    expect(extractAnswer(said('the answer is 3', { answer: 'seven' }), request)).toBe('seven');
    expect(extractAnswer(said('the answer is 3', { answer: null }), request)).toBeNull();
    expect(extractAnswer(said('the answer is 3', { answer: 'seven' }), request, 'number')).toBe('3');
  });

  it('leaves thoughts out', () => {
    const content: Content[] = [
      { type: 'reasoning', text: 'the answer is 3' },
      { type: 'text', text: '4' },
    ];
    expect(extractAnswer(sample(content), request)).toBe('4');
  });

  it('is canonical JSON for tool calls and structured output', () => {
    const call = (input: string): Content => ({ type: 'tool-call', toolCallId: 'x', toolName: 't', input });
    const answer = '[{"input":{"a":1,"b":2},"toolName":"t"}]';
    expect(extractAnswer(sample([call('{"b":2,"a":1}')]), request)).toBe(answer);
    expect(extractAnswer(sample([{ type: 'text', text: 'I call' }, call('{"a":1, "b":2}')]), request, 'number')).toBe(
      answer,
    );
    expect(extractAnswer(sample([call('not json')]), request)).toBe('[{"input":"not json","toolName":"t"}]');
    const json: Request = { prompt: [], responseFormat: { type: 'json' } };
    expect(extractAnswer(said('{"b":1,"a":null}'), json)).toBe('{"a":null,"b":1}');
    expect(extractAnswer(said('I would rather not'), json)).toBeNull();
  });

  it('never throws, and its dress off is its dress off', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...ANSWER_FORMATS), (text, format) => {
        const answer = of(text, format);
        expect(answer === null || typeof answer === 'string').toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (n) => {
        const forms = [`${n}`, ` ${n}.`, `**${n}**`, `$${n}$`, `${n}.00`, n.toLocaleString('en-US')];
        expect(new Set(forms.map(normalizeAnswer))).toEqual(new Set([String(n)]));
      }),
    );
  });

  it('takes no longer than its text is long', () => {
    for (const text of [
      'answer '.repeat(50_000),
      '\\boxed{'.repeat(50_000),
      '#'.repeat(300_000),
      '\n'.repeat(300_000),
    ]) {
      const start = performance.now();
      of(text);
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });
});
