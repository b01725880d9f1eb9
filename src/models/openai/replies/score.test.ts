import { describe, expect, it } from 'vitest';
import { scoreOf } from './score.ts';

/** A reply of a completions endpoint that echoes: tokens with their offsets, the drawn one last. */
const echo = (
  tokens: readonly (readonly [string, number])[],
  logprobs = tokens.map((_, i) => -i),
  drawn = 1,
): object => ({
  choices: [
    {
      logprobs: {
        tokens: tokens.map(([token]) => token),
        text_offset: tokens.map(([, offset]) => offset),
        token_logprobs: logprobs.map((logprob, i) => (i === 0 ? null : logprob)),
      },
    },
  ],
  usage: { completion_tokens: drawn },
});
const score = (reply: unknown, prompt: string, text: string): [string[], number] => {
  const { tokens, logprob } = scoreOf(reply, { text, prompt, shown: 'http://x' }, 'echo');
  return [tokens.map(({ token }) => token), logprob];
};

describe('what is echoed', () => {
  it.each<[string, object, string, string, string[], number]>([
    [
      'plain',
      echo([
        ['q', 0],
        ['?', 1],
        [' no', 2],
        ['!', 5],
      ]),
      'q?',
      ' no',
      [' no'],
      -2,
    ],
    [
      'with a character in pieces at the end',
      echo([
        ['q', 0],
        ['y', 1],
        ['', 2],
        ['', 2],
        ['', 2],
        ['😀', 2],
        ['end', 3],
      ]),
      'q',
      'y😀',
      ['y', '', '', '', '😀'],
      -15,
    ],
    [
      'with a character in pieces at the start',
      echo([
        ['q', 0],
        ['', 1],
        ['', 1],
        ['', 1],
        ['😀', 1],
        ['end', 2],
      ]),
      'q',
      '😀',
      ['', '', '', '😀'],
      -10,
    ],
    [
      'behind a character whose first piece has it all',
      echo([
        ['\uFFFD', 0],
        ['', 1],
        ['', 1],
        ['', 1],
        ['2', 1],
        ['+', 2],
        ['2', 3],
        ['4', 4],
      ]),
      '😀',
      '2+2',
      ['2', '+', '2'],
      -15,
    ],
    [
      'by a server that draws none',
      echo(
        [
          ['q', 0],
          ['a', 1],
          ['b', 2],
        ],
        undefined,
        0,
      ),
      'q',
      'ab',
      ['a', 'b'],
      -3,
    ],
    [
      'a text of nothing',
      echo([
        ['q', 0],
        ['a', 1],
      ]),
      'q',
      '',
      [],
      0,
    ],
    [
      'with an impossible token',
      echo(
        [
          ['q', 0],
          ['a', 1],
          ['b', 2],
        ],
        [0, -9999, -1],
      ),
      'q',
      'a',
      ['a'],
      -9999,
    ],
    [
      'counted in UTF-16',
      echo([
        ['😀', 0],
        ['a', 2],
        ['b', 3],
      ]),
      '😀',
      'a',
      ['a'],
      -1,
    ],
    [
      'counted in bytes',
      echo([
        ['é', 0],
        ['a', 2],
        ['b', 3],
      ]),
      'é',
      'a',
      ['a'],
      -1,
    ],
  ])('%s', (_, reply, prompt, text, tokens, logprob) => {
    expect(score(reply, prompt, text)).toEqual([tokens, logprob]);
  });

  it.each<[string, object, string]>([
    [
      'a token reaches across',
      echo([
        ['q', 0],
        ['?y', 1],
        ['es', 3],
        ['!', 5],
      ]),
      'reaches across the end of the prompt',
    ],
    [
      'the text ends inside a token',
      echo([
        ['q?', 0],
        ['yes!', 2],
        ['!', 6],
      ]),
      'reaches across',
    ],
    [
      'a token has no log-probability',
      {
        ...echo(
          [
            ['q?', 0],
            ['yes', 2],
            ['!', 5],
          ],
          [0, Number.NaN, 0],
        ),
      },
      'without a log-probability',
    ],
    [
      'there are no offsets',
      { choices: [{ logprobs: { tokens: ['a'], token_logprobs: [-1] } }] },
      'no log-probabilities of the prompt',
    ],
    [
      'there are too few offsets',
      { choices: [{ logprobs: { tokens: ['a', 'b'], token_logprobs: [-1, -1], text_offset: [0] } }] },
      'no log-probabilities of the prompt',
    ],
    ['there is nothing', { choices: [] }, 'no log-probabilities of the prompt'],
    ['there is no reply', { object: 'error' }, 'no list of choices'],
  ])('is no score where %s', (_, reply, why) => {
    expect(() => score(reply, 'q?', 'yes')).toThrow(why);
  });
});

describe('what is listed', () => {
  const entry = (...tokens: readonly [string, unknown][]): object =>
    Object.fromEntries(tokens.map(([decoded_token, logprob], i) => [i, { decoded_token, logprob }]));
  const listed = (entries: readonly unknown[], text: string): [string[], number] => {
    const { tokens, logprob } = scoreOf(
      { choices: [], prompt_logprobs: entries },
      { text, prompt: '', shown: 'http://x' },
      'prompt_logprobs',
    );
    return [tokens.map(({ token }) => token), logprob];
  };
  const START = [null, entry(['<assistant>', -0.5])];
  it.each<[string, unknown[], string, string[], number]>([
    ['plain', [...START, entry(['ye', -1]), entry(['s', -2])], 'yes', ['ye', 's'], -3],
    [
      'with a character in pieces at the end',
      [...START, entry(['y', -1]), entry(['', -2]), entry(['😀', -3])],
      'y😀',
      ['y', '', '😀'],
      -6,
    ],
    [
      'with a character in pieces at the start',
      [...START, entry(['', -1]), entry(['', -2]), entry(['😀', -3])],
      '😀',
      ['', '', '😀'],
      -6,
    ],
    ['with the likeliest token beside the given one', [...START, entry(['no', -0.1], ['yes', -3])], 'yes', ['yes'], -3],
  ])('%s', (_, entries, text, tokens, logprob) => {
    expect(listed(entries, text)).toEqual([tokens, logprob]);
  });

  it.each<[string, unknown[]]>([
    ['null', [...START, null]],
    ['another text', [...START, entry(['no', -1])]],
    ['no text', [...START, { '1': { logprob: -1 } }]],
    ['no number', [...START, entry(['yes', null])]],
    ['numbers alone', [-1, -2]],
  ])('is no score where an entry holds %s', (_, entries) => {
    expect(() => listed(entries, 'yes')).toThrow('it cannot score');
  });
});
