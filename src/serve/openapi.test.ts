/** Replies of this server against the published description of the protocol. */
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { eventsIn, serving, type Serving } from './test-support/serving.ts';
import { readShared } from './test-support/shared.ts';

const packed = readShared('wire/openai-openapi.json.gz');
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
if (packed) ajv.addSchema(nullable(JSON.parse(gunzipSync(packed).toString())) as object, 'spec');

/** The description says `nullable` in the places where JSON Schema has a type. */
function nullable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nullable);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable: isNullable, ...rest } = value as { readonly nullable?: boolean };
  const inner = Object.fromEntries(Object.entries(rest).map(([name, one]) => [name, nullable(one)]));
  return isNullable === true ? { anyOf: [inner, { type: 'null' }] } : inner;
}

/** What is wrong with a value; nothing where it is as the description says. */
function wrongIn(schema: string, value: unknown): readonly string[] {
  ajv.validate(`spec#/components/schemas/${schema}`, value);
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${schema} ${instancePath} ${message}`);
}

let open: Serving | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];

describe.skipIf(!packed)('replies are as the description says', () => {
  const cases: [string, object, Parameters<typeof serving>[0]][] = [
    ['text', {}, { answers: 'Four.' }],
    ['several', { n: 3 }, { answers: { 'The answer is 4.': 2, 'The answer is 5.': 1 } }],
    [
      'calls',
      { tools },
      {
        answers: {
          content: '',
          toolCalls: [
            { name: 'look', arguments: '{}' },
            { name: 'look', arguments: '{"a":1}' },
          ],
        },
      },
    ],
    [
      'log-probabilities',
      { logprobs: true, top_logprobs: 2 },
      { answers: { 'The answer is 4.': 2, 'The answer is 5.': 1 } },
    ],
    ['a cut text', { max_tokens: 1 }, { answers: 'One two three.' }],
    ['thoughts', {}, { answers: { content: 'Four.', reasoning: 'Two and two.' } }],
    ['no usage', {}, { answers: 'Four.', noUsage: true }],
  ];
  const X = ['up/test + reRead', 'up/test + selfConsistency(n=3)', 'up/test + selfRefine', 'fusion(up/test, up/test)'];
  it.each(cases.flatMap((one) => X.map((model) => [model, ...one] as const)))(
    '%s: %s',
    async (model, _what, body, upstream) => {
      open = await serving(upstream);
      const whole = await open.post('/chat/completions', { model, messages: MESSAGES, ...body });
      expect(wrongIn('CreateChatCompletionResponse', await whole.json())).toEqual([]);
      const stream = { stream: true, stream_options: { include_usage: true }, plusx: { progress: true } };
      const events = await eventsIn(
        await open.post('/chat/completions', { model, messages: MESSAGES, ...body, ...stream }),
      );
      expect(events.length).toBeGreaterThan(3);
      expect(events.slice(0, -1).flatMap((event) => wrongIn('CreateChatCompletionStreamResponse', event))).toEqual([]);
    },
  );

  it('and what is not so would be told', () => {
    for (const schema of ['CreateChatCompletionResponse', 'CreateChatCompletionStreamResponse', 'ErrorResponse'])
      expect(ajv.validate(`spec#/components/schemas/${schema}`, { choices: [{}] })).toBe(false);
  });

  it('errors and lists are', async () => {
    open = await serving();
    expect(wrongIn('ErrorResponse', await (await open.post('/chat/completions', { model: 'x' })).json())).toEqual([]);
    expect(wrongIn('ErrorResponse', await (await open.post('/nowhere', {})).json())).toEqual([]);
    expect(wrongIn('ListModelsResponse', await (await fetch(`${open.url}/models`)).json())).toEqual([]);
    expect(wrongIn('Model', await (await fetch(`${open.url}/models/up/test`)).json())).toEqual([]);
  });
});
