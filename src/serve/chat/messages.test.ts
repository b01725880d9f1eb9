import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messagesOf, SHAPES, type Dialect, type Wire } from '../../models/openai/protocol/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { basesUnder } from '../bases.ts';
import { Refusal } from '../failure.ts';
import { readMessages } from './messages.ts';

const server = openaiCompatible({ model: 'm', baseURL: 'http://127.0.0.1:1/v1' });
const bases = basesUnder(server);
const local = basesUnder(enumerable({ name: 'local', answers: { '*': { a: 1 } } }));
const dialect: Dialect = {
  name: 'm',
  provider: 'openaiCompatible',
  quirks: {},
  shape: SHAPES[0] as Dialect['shape'],
  warn(warning) {
    throw new Error(warning.message);
  },
};

const words = fc.string({ minLength: 1, maxLength: 8 });
const extra = fc.record({ name: words, cache_control: fc.constant({ type: 'ephemeral' }) }, { requiredKeys: [] });
const textPart = fc.record({ type: fc.constant('text'), text: fc.string() });
const userPart = fc.oneof(
  textPart,
  fc.record({
    type: fc.constant('image_url'),
    image_url: fc.record(
      {
        url: fc.constantFrom('https://a.example/x.png?q=1', 'https://a.example', 'data:image/png;base64,iVBORw0KGgo='),
        detail: fc.constantFrom('low', 'high', 'auto'),
      },
      { requiredKeys: ['url'] },
    ),
  }),
  fc.constant({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }),
  fc.constant({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }),
  fc.constant({ type: 'file', file: { file_id: 'file-1' } }),
  fc.constant({ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } }),
  fc.constant({ type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,aGk=' } }),
);
const call = fc.record({
  id: fc.uuid(),
  type: fc.constant('function'),
  function: fc.record({ name: words, arguments: fc.constantFrom('{}', '{"a": 1.0}', 'not json', '') }),
});
const userMessage = fc
  .record({ content: fc.oneof(fc.string(), fc.array(userPart, { minLength: 1, maxLength: 3 })) })
  .map((one) => ({ role: 'user', ...one }));
const assistantMessage = fc
  .oneof(
    fc.record({ content: fc.string() }),
    fc.record({ content: fc.option(fc.string()), tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }) }),
    fc.record({ content: fc.constant(null), refusal: words }),
    fc.record({ content: fc.string(), reasoning_content: words }),
    fc.record({ content: fc.string(), audio: fc.constant({ id: 'audio-1' }) }),
  )
  .map((one) => ({ role: 'assistant', ...one }));
const toolMessage = fc.record({
  role: fc.constant('tool'),
  tool_call_id: fc.uuid(),
  content: fc.oneof(fc.string(), fc.array(textPart, { minLength: 1, maxLength: 2 })),
});
const systemMessage = fc.record({ role: fc.constantFrom('system', 'developer'), content: fc.string() });
const conversation = fc
  .array(fc.tuple(fc.oneof(userMessage, assistantMessage, toolMessage, systemMessage), extra), {
    minLength: 1,
    maxLength: 8,
  })
  .map((all) => all.map(([message, more]): Wire => ({ ...message, ...more })));

/** Neighbours of one role that the client joins where nothing is lost by it: left out, as another test's matter. */
const isApart = (messages: readonly Wire[]): boolean =>
  messages.every((message, i) => message['role'] !== messages[i - 1]?.['role'] || message['role'] === 'tool');

/** One text in a list is a text. */
function plain(messages: readonly Wire[]): readonly Wire[] {
  return messages.map((message) => {
    const { role, content } = message;
    const [only] = Array.isArray(content) ? (content as Wire[]) : [];
    const isText = role === 'user' && Array.isArray(content) && content.length === 1 && only?.['type'] === 'text';
    return isText ? { ...message, content: only['text'] } : message;
  });
}

describe('a conversation', () => {
  it('goes to a server that speaks the protocol as the client wrote it', () => {
    fc.assert(
      fc.property(conversation.filter(isApart), (messages) => {
        const sent = messagesOf(readMessages(messages, bases, 100), dialect);
        expect(JSON.parse(JSON.stringify(sent))).toEqual(plain(messages));
      }),
      { numRuns: 500 },
    );
  });

  it('is read for another model, or refused by name: nothing is dropped', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const { read, error } = attempt(() => readMessages(messages, local, 100));
        const isNamed = messages.some(({ name }) => name !== undefined);
        const said = JSON.stringify(read ?? messages);
        const texts = messages.flatMap(({ content }) => (typeof content === 'string' ? [JSON.stringify(content)] : []));
        expect({
          isRead: read !== undefined && !isNamed,
          told: error instanceof Refusal ? [error.status, /^messages\[\d+\]/.test(error.param ?? '')] : undefined,
          lost: texts.filter((text) => !said.includes(text)),
        }).toEqual({ isRead: error === undefined, told: error === undefined ? undefined : [400, true], lost: [] });
      }),
      { numRuns: 500 },
    );
  });

  it('says which tool a result is of', () => {
    const messages = [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '1' },
    ];
    expect(readMessages(messages, local, 100)[1]).toEqual({
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'f', output: { type: 'text', value: '1' } }],
    });
  });

  it.each<[unknown, string]>([
    [undefined, 'messages'],
    [[], 'messages'],
    ['hi', 'messages'],
    [Array.from({ length: 101 }, () => ({ role: 'user', content: 'x' })), 'messages'],
    [[null], 'messages[0]'],
    [[{ role: 'robot', content: 'x' }], 'messages[0].role'],
    [[{ role: 'function', name: 'f', content: 'x' }], 'messages[0].role'],
    [[{ role: 'user' }], 'messages[0].content'],
    [[{ role: 'user', content: [] }], 'messages[0].content'],
    [[{ role: 'user', content: [{ type: 'video' }] }], 'messages[0].content[0].type'],
    [
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
      'messages[0].content[0].image_url.url',
    ],
    [[{ role: 'user', content: [{ type: 'image_url' }] }], 'messages[0].content[0].image_url.url'],
    [[{ role: 'user', content: [{ type: 'file', file: {} }] }], 'messages[0].content[0].file'],
    [[{ role: 'assistant', content: 7 }], 'messages[0].content'],
    [[{ role: 'assistant', function_call: { name: 'f', arguments: '' } }], 'messages[0].function_call'],
    [[{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom' }] }], 'messages[0].tool_calls[0].type'],
    [[{ role: 'assistant', tool_calls: [{ type: 'function' }] }], 'messages[0].tool_calls[0].id'],
    [[{ role: 'assistant', tool_calls: [{ id: 'a', function: {} }] }], 'messages[0].tool_calls[0].function.name'],
    [[{ role: 'tool', content: 'x' }], 'messages[0].tool_call_id'],
    [[{ role: 'system', content: [{ type: 'image_url' }] }], 'messages[0].content[0]'],
  ])('that cannot be read is refused by place: %j', (messages, param) => {
    const { error } = attempt(() => readMessages(messages, bases, 100));
    expect(error).toMatchObject({ status: 400, param, code: 'invalid_value' });
    expect((error as Error).message).toMatch(/^`messages.*\.$/);
  });
});

function attempt<T>(work: () => T): { readonly read?: T; readonly error?: unknown } {
  try {
    return { read: work() };
  } catch (error) {
    return { error };
  }
}
