/** Replies of this server against the published description of the protocol. */
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { eventsIn, serving, type Serving } from '../test-support/serving.ts';
import { readShared } from '../test-support/shared.ts';

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

async function namedEvents(response: Response): Promise<{ readonly [field: string]: unknown }[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block.startsWith('event: '));
  return blocks.map((block) => {
    const [, name = '', data = ''] = /^event: (\S+)\ndata: (.*)$/s.exec(block) ?? [];
    const event = JSON.parse(data) as { readonly [field: string]: unknown };
    expect(event['type']).toBe(name);
    return event;
  });
}

const calling = { answers: { content: '', toolCalls: [{ name: 'look', arguments: '{"at":1}' }] } };

/** The events of the first item of a kind, each run of deltas as one. */
function storyOf(kind: string, events: readonly { readonly [field: string]: unknown }[]): readonly unknown[] {
  const begun = events.find(
    ({ type, item }) => type === 'response.output_item.added' && (item as { type?: unknown }).type === kind,
  );
  const types = events
    .filter((event) => event['output_index'] === begun?.['output_index'])
    .map((event) =>
      [event['type'], ...Object.keys(event).filter((name) => /_index$|item_id/.test(name))]
        .toSorted((a, b) => String(a).localeCompare(String(b)))
        .join(' '),
    );
  return types.filter((type, i) => type !== types[i - 1]);
}

/** The schemas of events by their names. */
const SCHEMAS: { readonly [type: string]: string } = {
  'response.completed': 'ResponseCompletedEvent',
  'response.incomplete': 'ResponseIncompleteEvent',
  'response.output_item.added': 'ResponseOutputItemAddedEvent',
  'response.output_item.done': 'ResponseOutputItemDoneEvent',
  'response.content_part.added': 'ResponseContentPartAddedEvent',
  'response.content_part.done': 'ResponseContentPartDoneEvent',
  'response.output_text.delta': 'ResponseTextDeltaEvent',
  'response.output_text.done': 'ResponseTextDoneEvent',
  'response.reasoning_text.delta': 'ResponseReasoningTextDeltaEvent',
  'response.reasoning_text.done': 'ResponseReasoningTextDoneEvent',
  'response.function_call_arguments.delta': 'ResponseFunctionCallArgumentsDeltaEvent',
  'response.function_call_arguments.done': 'ResponseFunctionCallArgumentsDoneEvent',
};

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

  it.each(cases.flatMap((one) => [...X, 'up/test'].map((model) => [model, ...one] as const)))(
    'responses, %s: %s',
    async (model, _what, chat, upstream) => {
      open = await serving(upstream);
      const {
        n: _n,
        logprobs,
        tools: called,
        max_tokens: most,
        ...more
      } = chat as { readonly [field: string]: unknown };
      const body = {
        model,
        input: 'What is 2 + 2?',
        ...more,
        ...(called !== undefined && {
          tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }],
        }),
        ...(most !== undefined && { max_output_tokens: most }),
        ...(logprobs !== undefined && { include: ['message.output_text.logprobs'] }),
      };
      const whole = (await (await open.post('/responses', body)).json()) as { usage: unknown };
      // Where the usage is not known there is none, and the description has no word for that.
      const { usage, ...rest } = whole;
      expect(wrongIn('Response', usage === null ? rest : whole)).toEqual([]);
      const stream = { stream: true, plusx: { progress: true } };
      const events = (await namedEvents(await open.post('/responses', { ...body, ...stream }))).filter(
        ({ response }) => response === undefined || (response as { usage?: unknown }).usage,
      );
      expect(events.length).toBeGreaterThan(1);
      expect(
        events.flatMap((event) => wrongIn(SCHEMAS[String(event['type'])] ?? String(event['type']), event)),
      ).toEqual([]);
    },
  );

  it.each([
    ['message', 'openai-phase.1.chunks.txt', {}, { answers: 'One two three.' }],
    [
      'function_call',
      'openai-reasoning-encrypted-content.1.chunks.txt',
      { tools: [{ type: 'function', name: 'look' }] },
      calling,
    ],
  ] as const)('events of a %s come as in a recorded stream', async (kind, file, body, upstream) => {
    const lines = (readShared(`wire/responses/${file}`) as Buffer).toString().trim().split('\n');
    const recorded = lines.map((line) => JSON.parse(line) as { readonly [field: string]: unknown });
    open = await serving(upstream);
    const ours = await namedEvents(
      await open.post('/responses', { model: 'up/test', input: 'x', stream: true, ...body }),
    );
    expect(storyOf(kind, ours)).toEqual(storyOf(kind, recorded));
    expect(ours.map(({ sequence_number: number }) => number)).toEqual(ours.map((_, i) => i));
    expect([ours[0]?.['type'], ours.at(-1)?.['type']]).toEqual([recorded[0]?.['type'], recorded.at(-1)?.['type']]);
    for (const field of ['id', 'object', 'created_at', 'status', 'model', 'output', 'usage'])
      expect(Object.keys(ours.at(-1)?.['response'] as object)).toContain(field);
  });

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
