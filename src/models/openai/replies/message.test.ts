import { describe, expect, it } from 'vitest';
import { MalformedReply } from '../../../core/index.ts';
import { saidIn, type Said } from './message.ts';

const said = (message: object): Said => saidIn({ ...message }, 'http://x');
const read = (message: object): [string | undefined, string | undefined] => {
  const { text, reasoning } = said(message);
  return [text, reasoning];
};
const HMM = { type: 'text', text: 'hmm' };

describe('what a message says', () => {
  it.each<[string, object, string | undefined, string | undefined]>([
    ['a text', { content: '42' }, '42', undefined],
    ['an empty text', { content: '' }, '', undefined],
    ['nothing', { content: null }, undefined, undefined],
    ['no content at all', {}, undefined, undefined],
    ['one part', { content: [{ type: 'text', text: '42' }] }, '42', undefined],
    [
      'two parts',
      {
        content: [
          { type: 'text', text: '4' },
          { type: 'text', text: '2' },
        ],
      },
      '42',
      undefined,
    ],
    ['a part that is a string', { content: ['4', '2'] }, '42', undefined],
    ['an empty list', { content: [] }, undefined, undefined],
    ['a part not in a list', { content: { type: 'text', text: '42' } }, '42', undefined],
    ['a part whose text is an object', { content: [{ type: 'text', text: { value: '42' } }] }, '42', undefined],
    ['a part of a nameless type', { content: [{ text: '42' }] }, '42', undefined],
    ['a part of another protocol', { content: [{ type: 'output_text', text: '42' }] }, '42', undefined],
    [
      'a thought of parts',
      {
        content: [
          { type: 'thinking', thinking: [HMM] },
          { type: 'text', text: '42' },
        ],
      },
      '42',
      'hmm',
    ],
    [
      'a thought of text',
      {
        content: [
          { type: 'thinking', thinking: 'hmm' },
          { type: 'text', text: '42' },
        ],
      },
      '42',
      'hmm',
    ],
    [
      'a thought in a summary',
      { content: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'hmm' }] }] },
      undefined,
      'hmm',
    ],
    [
      'a thought that is hidden',
      {
        content: [
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: '4' },
        ],
      },
      '4',
      undefined,
    ],
    ['reasoning_content', { content: '42', reasoning_content: 'hmm' }, '42', 'hmm'],
    ['reasoning', { content: '42', reasoning: 'hmm' }, '42', 'hmm'],
    [
      'reasoning beside an empty reasoning_content',
      { content: '42', reasoning_content: '', reasoning: 'hmm' },
      '42',
      'hmm',
    ],
    ['reasoning in a list', { content: '42', reasoning_content: [HMM] }, '42', 'hmm'],
    [
      'reasoning_details',
      {
        content: '42',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm' },
          { type: 'reasoning.summary', summary: 'm' },
          { type: 'reasoning.encrypted', data: 'x' },
        ],
      },
      '42',
      'hmm',
    ],
    [
      'thinking_blocks',
      { content: '42', thinking_blocks: [{ type: 'thinking', thinking: 'hmm', signature: 's' }] },
      '42',
      'hmm',
    ],
    [
      'thoughts twice',
      { content: '42', reasoning: 'hmm', reasoning_details: [{ type: 'reasoning.text', text: 'hmm' }] },
      '42',
      'hmm',
    ],
    ['thoughts of no known type', { content: '42', reasoning: 7 }, '42', undefined],
    ['a refusal', { content: null, refusal: 'No.' }, 'No.', undefined],
    ['a refusal beside an empty text', { content: '', refusal: 'No.' }, 'No.', undefined],
    ['a refusal in a part', { content: [{ type: 'refusal', refusal: 'No.' }] }, 'No.', undefined],
    ['a text beside an empty refusal', { content: 'Yes.', refusal: '' }, 'Yes.', undefined],
    [
      'what was spoken aloud',
      { content: null, audio: { id: 'a', data: 'AAAA', transcript: 'Hello.' } },
      'Hello.',
      undefined,
    ],
  ])('%s', (_, message, text, reasoning) => {
    expect(read(message)).toEqual([text, reasoning]);
  });

  it.each<[string, unknown]>([
    ['an object', { a: 1 }],
    ['a number', 7],
    ['a truth value', true],
    ['a list of numbers', [1]],
    ['a list of lists', [[]]],
  ])('is an error where the content is %s', (_, content) => {
    expect(() => said({ content })).toThrow(MalformedReply);
  });

  it('names the parts it cannot read, and reads the others', () => {
    const { text, unread } = said({
      content: [{ type: 'hologram', beam: 1 }, { type: 'text', text: '42' }, { type: 'text' }],
    });
    expect([text, unread]).toEqual(['42', ['hologram', 'text']]);
  });

  it.each<[string, object]>([
    ['in the list of parts', { content: [{ type: 'image_url', image_url: { url: 'data:image/webp;base64,AAAA' } }] }],
    [
      'beside the content',
      { content: '', images: [{ type: 'image_url', image_url: { url: 'data:image/webp;base64,AAAA' } }] },
    ],
    ['by its bytes', { content: [{ type: 'image', data: 'AAAA', mime_type: 'image/webp' }] }],
    ['with a source', { content: [{ type: 'image', media_type: 'image/webp', source: { data: 'AAAA' } }] }],
  ])('an image %s', (_, message) => {
    expect(said(message).files).toEqual([
      { type: 'file', mediaType: 'image/webp', data: { type: 'data', data: 'AAAA' } },
    ]);
  });
});

it('is never so deep that reading it breaks', () => {
  const lists = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
  let thinking: unknown = 'hmm';
  for (let depth = 0; depth < 1e5; depth++) thinking = { type: 'thinking', thinking: [thinking] };
  expect(() => said({ content: lists(1e5) })).toThrow(MalformedReply);
  expect(() => said({ tool_calls: [{ function: { name: 'f', arguments: lists(1e5) } }] })).toThrow(MalformedReply);
  expect(read({ content: [{ type: 'text', text: '42' }, thinking] })).toEqual(['42', undefined]);
  expect(read({ content: '42', reasoning: lists(1e5) })).toEqual(['42', undefined]);
});

describe('a tool call', () => {
  const call = (call: object): unknown => said({ content: null, tool_calls: [call] }).calls[0];
  it.each<[string, object, object]>([
    [
      'as the protocol has it',
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'a', name: 'f', input: '{"x":1}' },
    ],
    ['without an id', { function: { name: 'f', arguments: '{}' } }, { name: 'f', input: '{}' }],
    ['with an empty id and name', { id: '', function: { name: '', arguments: '1}' } }, { input: '1}' }],
    ['with null everywhere', { id: null, index: null, function: { name: null, arguments: null } }, {}],
    [
      'with arguments as an object',
      { id: 'a', function: { name: 'f', arguments: { x: [1.5, 'a'] } } },
      { id: 'a', name: 'f', input: '{"x":[1.5,"a"]}' },
    ],
    ['flat', { id: 'a', name: 'f', arguments: '{}' }, { id: 'a', name: 'f', input: '{}' }],
    ['numbered', { index: 3, function: { name: 'f' } }, { index: 3, name: 'f' }],
    ['numbered by a text', { index: '3', function: { name: 'f' } }, { name: 'f' }],
    [
      'with digits that no double holds',
      { function: { name: 'f', arguments: '{"id": 9123456789012345671}' } },
      { name: 'f', input: '{"id": 9123456789012345671}' },
    ],
  ])('%s', (_, given, read) => {
    expect(call(given)).toEqual({ index: undefined, id: undefined, name: undefined, input: undefined, ...read });
  });

  it('of the days before there could be several', () => {
    expect(said({ content: null, function_call: { name: 'f', arguments: '{}' } }).calls).toMatchObject([
      { name: 'f', input: '{}' },
    ]);
  });

  it('whose arguments lost digits before they could be read is an error, and no rounded call', () => {
    const body: unknown = JSON.parse('{"id":9123456789012345671}');
    expect(() => call({ function: { name: 'f', arguments: body } })).toThrow('a number too large to be exact');
    expect(() => call({ function: { name: 'f', arguments: 7 } })).toThrow('neither text nor an object');
  });
});
