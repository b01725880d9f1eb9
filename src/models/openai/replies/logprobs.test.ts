import { describe, expect, it } from 'vitest';
import type { Warning } from '../../../core/index.ts';
import { ownLogprob, spell, tokensIn } from './logprobs.ts';

const chat = (...logprobs: unknown[]): object => ({ content: logprobs.map((logprob) => ({ token: 'x', logprob })) });
const listed = (...values: unknown[]): object => ({ tokens: values.map(() => 'x'), token_logprobs: values });

describe('log-probabilities of tokens', () => {
  it.each<[string, unknown, number]>([
    ['a number', -0.5, -0.5],
    ['certain', 0, 0],
    ['certain but for rounding', 1e-6, 0],
    ['null', null, Number.NaN],
    ['not there', undefined, Number.NaN],
    ['a text', '-0.5', Number.NaN],
    ['the floor', -9999, Number.NaN],
    ['below the floor', -1e9, Number.NaN],
    ['more than certain', 0.3, Number.NaN],
    ['infinite', -Infinity, Number.NaN],
  ])('%s', (_, value, logprob) => {
    expect(tokensIn(chat(value))?.map((token) => token.logprob)).toEqual([logprob]);
    expect(tokensIn(listed(value))?.map((token) => token.logprob)).toEqual([logprob]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['absent', undefined],
    ['an empty list', { content: [] }],
    ['a list of another shape', { content: [{ content: 'x', probs: [{ tok_str: 'x', prob: 0.5 }] }] }],
    ['a list of numbers', { content: [1, 2] }],
    ['a number', 3],
    ['tokens without values', { tokens: ['x'] }],
    ['tokens that are none', { tokens: [1], token_logprobs: [-1] }],
    ['no list', { content: 'x' }],
  ])('are unknown where the field is %s', (_, field) => {
    expect(tokensIn(field)).toBeUndefined();
  });

  it('leave out alternatives without a number', () => {
    const top_logprobs = [
      { token: 'a', logprob: -1 },
      { token: 'b', logprob: null },
      { token: 'c', logprob: -9999 },
      7,
    ];
    expect(tokensIn({ content: [{ token: 'a', logprob: -1, top_logprobs }] })?.[0]?.alternatives).toEqual([
      { token: 'a', logprob: -1 },
    ]);
  });
});

describe('the tokens are the text', () => {
  const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];
  const of = (...tokens: string[]) => tokens.map((token) => ({ token, logprob: -1 }));
  const bytes = (...tokens: [string, number[]][]) => tokens.map(([token, bytes]) => ({ token, logprob: -1, bytes }));
  const [first, second] = [utf8('😀').slice(0, 2), utf8('😀').slice(2)];
  it.each<[string, ReturnType<typeof of>, string, boolean]>([
    ['one after the other', of('a', 'b'), 'ab', true],
    ['with an empty end', of('a', ''), 'a', true],
    ['with an end of turn', of('a', '<|im_end|>'), 'a', true],
    ['with an end of sequence', of('a', '</s>'), 'a', true],
    ['with an end in brackets', of('a', '[EOS]'), 'a', true],
    ['with a blank that the text has lost', of(' a', 'b'), 'ab', true],
    ['with pieces of a character', of('a', '\uFFFD', '', '', ' b'), 'a😀 b', true],
    ['with pieces and then the character', of('a', '', '', '😀', 'b'), 'a😀b', true],
    ['with pieces at the end', of('a', '\uFFFD', '\uFFFD'), 'aé', true],
    ['with bytes in words', of('a', 'bytes:\\xf0\\x9f', 'bytes:\\x98\\x80'), 'a😀', true],
    ['with bytes', bytes(['\uFFFD', first], ['\uFFFD', second]), '😀', true],
    ['but stop short', of('a'), 'ab', false],
    ['but go on', of('a', 'b', 'c'), 'ab', false],
    ['but the last one is cut', of('Sto', 'nes'), 'Sto', false],
    ['but the text ends inside the last', of(' How', ' many'), ' How m', false],
    ['but there are two ends', of('a', '</s>', '</s>'), 'a', false],
    ['but of another text', of('x', 'y'), 'ab', false],
    ['but a plain letter is missing', of('a', '\uFFFD', 'c'), 'abc', false],
  ])('%s', (_, tokens, text, are) => {
    expect(spell(tokens, text)).toBe(are);
  });
});

describe('the log-probability of a sample', () => {
  const tokens = [
    { token: 'a', logprob: -1 },
    { token: 'b', logprob: -2 },
  ];
  const own = (
    sent: object,
    { written = 'ab', neutral = true, drawn = tokens } = {},
  ): [number | undefined, string[]] => {
    const warnings: Warning[] = [];
    const value = ownLogprob(drawn, { written, sent: { model: 'm', ...sent }, neutral }, (one) => warnings.push(one));
    return [value, warnings.map(({ message }) => message)];
  };
  it('is the sum where the sampler is neutral', () => {
    expect(own({})).toEqual([-3, []]);
    expect(own({ temperature: 1, top_k: -1, repeat_penalty: 1 }, { neutral: false })).toEqual([-3, []]);
  });

  it.each<[object, object, string]>([
    [{ temperature: 0.5 }, {}, 'before temperature'],
    [{ repeat_penalty: 1.1, xtc_probability: 0.1 }, {}, 'before repeat_penalty, xtc_probability'],
    [{ response_format: {} }, {}, 'before response_format'],
    [{}, { neutral: false }, 'a temperature of its own'],
    [{}, { written: 'abc' }, 'do not spell the text'],
    [{}, { written: 'a' }, 'do not spell the text'],
    [{}, { drawn: [{ token: 'ab', logprob: Number.NaN }] }, 'without a log-probability'],
  ])('is unknown with a warning: %o %o', (sent, drawn, why) => {
    const [value, warnings] = own(sent, drawn);
    expect(value).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(why);
  });
});
