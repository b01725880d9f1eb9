import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { said, splitThoughts, thoughtSplitter, type Stretch, type ThoughtOptions } from './thoughts.ts';

const of = (stretches: readonly Stretch[], type: Stretch['type']): string =>
  stretches.map((one) => (one.type === type ? one.text : '')).join('');

const CHANNELS = '<|channel|>analysis<|message|>hm 7<|end|><|start|>assistant<|channel|>final<|message|>8<|return|>';

describe('thoughts and text', () => {
  it.each([
    ['5', '', '5'],
    ['  5 ', '', '  5 '],
    ['', '', ''],
    [' \n', '', ' \n'],
    ['<think>so</think>\n\n5', 'so', '5'],
    ['\n<think>\nso\n</think>\n5', 'so\n', '5'],
    ['<think>\n\n</think>\n\n5', '', '5'],
    ['<thinking>so</thinking>5', 'so', '5'],
    ['<Think>so</THINK>5', 'so', '5'],
    ['<think>so</thinking>5', 'so', '5'],
    ['[THINK]so[/THINK]5', 'so', '5'],
    ['<think>the answer is 3 but let me', 'the answer is 3 but let me', ''],
    ['<think>', '', ''],
    ['<think>so</think>', 'so', ''],
    ['so it is 7\n</think>\n\n8', 'so it is 7\n', '8'],
    ['so 7</think>It is 8.', 'so 7', 'It is 8.'],
    ['Okay. <think>7?</think> 8', '7?', 'Okay. 8'],
    ['Text\n<think>x</think>\nmore', 'x', 'Text\nmore'],
    ['<think>a</think>\n<think>b</think>c', 'a\n\nb', 'c'],
    ['<think>a <think> b </think> c </think> d', 'a <think> b c ', 'd'],
    ['<think>say `</think>` here</think>5', 'say `</think>` here', '5'],
    [CHANNELS, 'hm 7', '8'],
    ['<|channel|>analysis<|message|>hm 7', 'hm 7', ''],
    ['<|channel|>final<|message|>8', '', '8'],
    [`<|start|>assistant${CHANNELS}`, 'hm 7', '8'],
    ['<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=x<|message|>{}', 'a\n\n{}', ''],
    ['analysisWe need 7.assistantfinal8', 'We need 7.', '8'],
    // What only speaks of thoughts.
    ['Use the <think> tag for thoughts.', '', 'Use the <think> tag for thoughts.'],
    ['Use `<think>` and `</think>`.', '', 'Use `<think>` and `</think>`.'],
    ['The </think> tag closes.', '', 'The </think> tag closes.'],
    ['```xml\n<think>x</think>\n```', '', '```xml\n<think>x</think>\n```'],
    ['a < b and <thin', '', 'a < b and <thin'],
    ['<thinker>x</thinker>', '', '<thinker>x</thinker>'],
    ['x <|end|> y', '', 'x <|end|> y'],
    ['analysis of the problem', '', 'analysis of the problem'],
  ])('%j', (text, reasoning, answer) => {
    const stretches = splitThoughts(text);
    expect([of(stretches, 'reasoning'), of(stretches, 'text')]).toEqual([reasoning, answer]);
    expect(said(text)).toBe(answer);
  });

  it('are told by tags of the caller, by none, and from the beginning where the template opens them', () => {
    expect(said('<plan>x</plan>5', { tags: ['plan'] })).toBe('5');
    expect(said('◁think▷x◁/think▷5', { tags: [['◁think▷', '◁/think▷']] })).toBe('5');
    expect(said('<think>x</think>5', { tags: [] })).toBe('<think>x</think>5');
    expect(splitThoughts('so</think>5', { isOpen: true })).toEqual([
      { type: 'reasoning', text: 'so' },
      { type: 'text', text: '5' },
    ]);
    expect(said('so it goes', { isOpen: true })).toBe('');
  });
});

describe('a stream', () => {
  const streamed = (text: string, cuts: readonly number[], options: ThoughtOptions = {}) => {
    const splitter = thoughtSplitter(options);
    const given: Stretch[] = [];
    let from = 0;
    for (const cut of cuts) {
      given.push(...splitter.push(text.slice(from, from + cut)));
      from += cut;
    }
    given.push(...splitter.push(text.slice(from)), ...splitter.end());
    return { given, wasOpen: splitter.wasOpen() };
  };
  const piece = constantFrom(
    '<think>',
    '</think>',
    '[THINK]',
    '[/THINK]',
    '<think',
    '>',
    '\n',
    ' ',
    'a',
    '`',
    '```\n',
    '7.',
    '<|channel|>',
    'final',
    'analysis',
    '<|message|>',
    '<|end|>',
    '<|start|>assistant',
  );

  it('gives what the whole text gives, wherever it is cut, but for a thought that nothing opened', () => {
    assert(
      property(
        array(piece, { maxLength: 12 }),
        array(integer({ min: 1, max: 9 }), { maxLength: 60 }),
        (pieces, cuts) => {
          const text = pieces.join('');
          const { given, wasOpen } = streamed(text, cuts);
          const whole = splitThoughts(text);
          // What was given as text cannot be taken back: it is said at the end.
          const agree = wasOpen
            ? of(given, 'text').endsWith(of(whole, 'text'))
            : of(given, 'text') === of(whole, 'text') && of(given, 'reasoning') === of(whole, 'reasoning');
          expect(agree).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('holds back no more than may become a tag', () => {
    const splitter = thoughtSplitter();
    expect(splitter.push('It is <')).toEqual([{ type: 'text', text: 'It is ' }]);
    expect(splitter.push('5')).toEqual([{ type: 'text', text: '<5' }]);
    expect(splitter.push('\n<th')).toEqual([{ type: 'text', text: '\n' }]);
    expect(splitter.push('ink>a')).toEqual([{ type: 'reasoning', text: 'a' }]);
    expect(splitter.push('b</thi')).toEqual([{ type: 'reasoning', text: 'b' }]);
    expect(splitter.push('nk>8')).toEqual([{ type: 'text', text: '8' }]);
    expect(splitter.end()).toEqual([]);
  });
});
