import type * as ai7 from 'ai7';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { mixture, selfConsistency } from '../search/index.ts';
import { scripted } from '../models/written/index.ts';
import { ask, plus, stream, toRequest, user, type Input } from './index.ts';

const model = scripted(() => 'yes');
const text = [{ type: 'text', text: 'hi' }];
const image = new Uint8Array([1, 2]);

describe('what may be asked with', () => {
  it.each([
    ['a text', 'hi', [user('hi')]],
    ['a text in a request', { prompt: 'hi' }, [user('hi')]],
    ['messages whose content is a text', [{ role: 'user', content: 'hi' }], [user('hi')]],
    [
      'a conversation',
      [
        { role: 'system', content: 'Be exact.' },
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'hi' },
        { role: 'user', content: text },
      ],
      [{ role: 'system', content: 'Be exact.' }, user('hi'), { role: 'assistant', content: text }, user('hi')],
    ],
    [
      'an image by its bytes and by its address',
      [
        {
          role: 'user',
          content: [
            { type: 'image', image },
            { type: 'image', image: 'https://a.example/b.png' },
          ],
        },
      ],
      [
        {
          role: 'user',
          content: [
            { type: 'file', mediaType: 'image/*', data: { type: 'data', data: image } },
            { type: 'file', mediaType: 'image/*', data: { type: 'url', url: new URL('https://a.example/b.png') } },
          ],
        },
      ],
    ],
    [
      'a file',
      [{ role: 'user', content: [{ type: 'file', mediaType: 'text/csv', data: 'YSxi', filename: 'a.csv' }] }],
      [
        {
          role: 'user',
          content: [{ type: 'file', mediaType: 'text/csv', data: { type: 'data', data: 'YSxi' }, filename: 'a.csv' }],
        },
      ],
    ],
  ] as const)('%s', (_, input, prompt) => {
    expect(toRequest(input).prompt).toEqual(prompt);
  });

  it('messages of the AI SDK, as its callers have them', () => {
    expectTypeOf<ai7.ModelMessage[]>().toExtend<Input>();
  });

  it('leaves messages as they are where they are whole', () => {
    const prompt = [user('hi')];
    expect(toRequest({ prompt }).prompt[0]).toBe(prompt[0]);
  });

  it.each([
    [
      [{ role: 'person', content: 'hi' }],
      /prompt\[0\]\.role must be one of system, user, assistant, tool, got "person"/,
    ],
    [[user('a'), { role: 'user' }], /prompt\[1\]\.content must be a text or a list of parts/],
    [[{ role: 'system', content: text }], /prompt\[0\]\.content must be a text/],
    [[{ role: 'tool', content: 'hi' }], /prompt\[0\]\.content must be a list of results of tools/],
    [[{ role: 'user', content: ['hi'] }], /prompt\[0\]\.content\[0\] must be a part with a type/],
    [[{ role: 'user', content: [{ type: 'text' }] }], /prompt\[0\]\.content\[0\]\.text must be a text/],
    [[{ role: 'user', content: [{ type: 'image' }] }], /prompt\[0\]\.content\[0\] must hold its bytes or its address/],
    [
      [{ role: 'user', content: [{ type: 'file', data: 7, mediaType: 'text/csv' }] }],
      /must hold its bytes or its address/,
    ],
    [[{ role: 'user', content: [{ type: 'file', data: 'YSxi' }] }], /\.mediaType must be a text/],
    [[null], /prompt\[0\]\.role must be one of/],
    [{ question: 'hi' }, /prompt|question/],
    [undefined, /prompt is missing/],
    [{ prompt: 7 }, /prompt must be a text or a list of messages, got 7/],
  ])('and what not: %j', async (input, said) => {
    await expect(ask(model, input as never)).rejects.toThrow(said);
  });
});

describe('slips that no compiler sees in JavaScript', () => {
  it.each([
    [
      'the model last',
      () => plus(selfConsistency() as never, model as never),
      /plus: model must be a model, and comes first/,
    ],
    ['a combiner added', () => plus(model, mixture([model]) as never), /technique 1 is a model/],
    ['a technique that was not called', () => plus(model, selfConsistency as never), /Call it: selfConsistency\(\)/],
    ['no technique', () => plus(model, 'vote' as never), /technique 1 must be a technique/],
  ])('%s', (_, slip, said) => {
    expect(slip).toThrow(said);
  });

  it('the question first', async () => {
    await expect(ask('hi' as never, model as never)).rejects.toThrow(/ask: model must be a model, and comes first/);
    await expect(stream('hi' as never, model as never).next()).rejects.toThrow(/stream: model must be a model/);
  });
});
