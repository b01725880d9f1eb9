import { expect, it } from 'vitest';
import { finishIn, finishOf } from './finish.ts';

it.each<[string, unknown, string]>([
  ...['stop', 'STOP', 'stop_sequence', 'end_turn', 'eos', 'eos_token', 'COMPLETE', 'done'].map((raw) =>
    one(raw, 'stop'),
  ),
  ...['length', 'LENGTH', 'max_tokens', 'MAX_TOKENS', 'max-tokens', 'model_length', 'maxTokens'].map((raw) =>
    one(raw, 'length'),
  ),
  ...['content_filter', 'content-filter', 'SAFETY', 'refusal', 'PROHIBITED_CONTENT', 'sensitive'].map((raw) =>
    one(raw, 'content-filter'),
  ),
  ...['error', 'insufficient_system_resource'].map((raw) => one(raw, 'error')),
  ...['', 'constructor', 'weather', null, undefined, 7].map((raw) => one(raw, 'other')),
  ['an object', { type: 'length', length: 5 }, 'length'],
])('%s is %o: %s', (_, raw, unified) => {
  expect(finishOf(finishIn({ finish_reason: raw }, {}), false).unified).toBe(unified);
});

function one(raw: unknown, unified: string): [string, unknown, string] {
  return [`finish_reason ${String(raw)}`, raw, unified];
}

it.each(['tool_calls', 'tool-calls', 'tool_use', 'function_call'])(
  '%s is the end of calls, where there are any',
  (raw) => {
    expect(finishOf(raw, true)).toEqual({ unified: 'tool-calls', raw });
    expect(finishOf(raw, false)).toEqual({ unified: 'stop', raw });
  },
);

it('a stop beside calls is the end of calls', () => {
  expect(finishOf('stop', true)).toEqual({ unified: 'tool-calls', raw: 'stop' });
  for (const raw of [undefined, '', 'weather']) expect(finishOf(raw, true)).toEqual({ unified: 'tool-calls', raw });
  expect(finishOf('length', true)).toEqual({ unified: 'length', raw: 'length' });
});

it.each<[object, string | undefined]>([
  [{ finish_reason: 'stop', stop_reason: 'END' }, 'stop-sequence'],
  [{ finish_reason: 'stop', stop_reason: null }, 'end'],
  [{ finish_reason: 'stop', matched_stop: 'END' }, 'stop-sequence'],
  [{ finish_reason: 'stop', matched_stop: 151645 }, 'end'],
  [{ finish_reason: 'stop', provider_specific_fields: { stop_reason: 'END' } }, 'stop-sequence'],
  [{ finish_reason: 'stop', provider_specific_fields: { stop_reason: null } }, 'end'],
  [{ finish_reason: 'stop', provider_specific_fields: {} }, 'stop'],
  [{ finish_reason: 'stop', provider_specific_fields: null }, 'stop'],
  [{ finish_reason: 'length', provider_specific_fields: { stop_reason: null } }, 'length'],
  [{ finish_reason: 'stop' }, 'stop'],
  [{ finish_reason: 'length', stop_reason: null }, 'length'],
  [{ finish_reason: null }, undefined],
])('%o with a stop sequence is %s', (choice, finish) => {
  expect(finishIn({ ...choice }, { stop: ['END'] })).toBe(finish);
});
