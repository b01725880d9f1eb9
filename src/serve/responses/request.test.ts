import { describe, expect, it } from 'vitest';
import { Refusal } from '../failure.ts';
import { chatBodyOf } from './request.ts';

const refusalOf = (fields: object): Refusal => {
  try {
    chatBodyOf({ input: 'hi', ...fields });
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  throw new Error(`${JSON.stringify(fields)} was not refused`);
};

describe('what only a server of its own can keep is refused by name, with the way out', () => {
  it.each<[string, object, string]>([
    ['previous_response_id', { previous_response_id: 'r' }, 'Send the whole conversation as `input`, or serve with'],
    ['conversation', { conversation: 'c' }, 'Send the whole conversation as `input`.'],
    ['prompt', { prompt: { id: 'p' } }, 'Send the text of the prompt as `instructions` or `input`.'],
    ['background', { background: true }, 'Wait for the answer, or stream it.'],
    ['store', { store: true }, 'Leave it out or send false, or serve with `--store FILE --keep-texts`.'],
    ['truncation', { truncation: 'auto' }, 'Send a shorter conversation.'],
    ['context_management', { context_management: [{ type: 'compaction' }] }, 'Send a shorter conversation.'],
    [
      'max_tool_calls',
      { max_tool_calls: 3 },
      'Leave it out: only the tools of the client are called, and by the client.',
    ],
    ['reasoning.summary', { reasoning: { summary: 'auto' } }, 'leave it out.'],
    ['include', { include: ['file_search_call.results'] }, 'leave it out.'],
    ['tools[1].type', { tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] }, 'must be "function" here'],
    ['input[0].type', { input: [{ type: 'item_reference', id: 'i' }] }, 'must be one of message'],
    ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }, 'must be one of user'],
    [
      'input[0].content[0].type',
      { input: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
      'must be one of input_text',
    ],
    ['input', { input: [] }, 'must be a text or a list of items.'],
    ['instructions', { instructions: 7 }, 'must be a text.'],
    ['text', { text: 'json' }, 'must be an object.'],
  ])('%s', (param, fields, way) => {
    const refusal = refusalOf(fields);
    expect(refusal.param).toBe(param);
    expect(refusal.message).toContain(`\`${param}\` `);
    expect(refusal.message).toContain(way);
  });

  it('and what is so anyway is no wish', () => {
    const anyway = {
      previous_response_id: null,
      background: false,
      store: false,
      truncation: 'disabled',
      context_management: [],
      reasoning: { summary: null },
      include: ['reasoning.encrypted_content'],
    };
    expect(chatBodyOf({ input: 'hi', ...anyway })).toEqual({ messages: [{ role: 'user', content: 'hi' }] });
  });
});
