/** Values that a published description of a protocol allows, and now and then one that it does not. */
import { gunzipSync } from 'node:zlib';
import { oneOf } from '../faults/chance.ts';
import { readShared } from '../shared.ts';

interface Schema {
  readonly [field: string]: unknown;
}

/** The next number from 0 up to 1. */
export type Draw = () => number;

export interface Grammar {
  /** A value of a schema of the description. */
  value(name: string, draw: Draw): unknown;
}

/** How often a value is of another kind than it has to be: in some requests never. */
const WILD = [0, 0, 0.02, 0.1];
const DEEPEST = 7;

/** The grammar of the description; nothing, and a word about it, where it is not here. */
export function publishedGrammar(): Grammar | undefined {
  const packed = readShared('wire/openai-openapi.json.gz');
  return packed && grammarOf(JSON.parse(gunzipSync(packed).toString()) as Schema);
}

/** A grammar of the fields that matter most, for where the description is not here. */
export const ownGrammar = (): Grammar => grammarOf({ components: { schemas: OWN } });

function grammarOf(spec: Schema): Grammar {
  const named = (ref: string): Schema =>
    ref
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((at, part) => fieldsOf(at)?.[part], spec) as Schema;
  const flat = (schema: Schema): Schema => {
    if (typeof schema['$ref'] === 'string') return flat(named(schema['$ref']));
    const all = schemasIn(schema['allOf']);
    if (!all) return schema;
    const parts = [...all.map(flat), { ...schema, allOf: undefined }];
    return {
      ...Object.assign({}, ...parts),
      properties: Object.assign({}, ...parts.map((part) => part['properties'])) as object,
      required: parts.flatMap((part) => (part['required'] as string[] | undefined) ?? []),
    } as Schema;
  };
  const value = (given: Schema, draw: Draw, wildness: number, depth: number): unknown => {
    const schema = flat(given);
    if (draw() < wildness) return wild(draw);
    if (schema['nullable'] === true && draw() < 0.1) return null;
    const choices = schemasIn(schema['oneOf']) ?? schemasIn(schema['anyOf']);
    if (choices && choices.length > 0) return value(oneOf(choices, draw()), draw, wildness, depth + 1);
    if (Array.isArray(schema['enum'])) return oneOf(schema['enum'] as unknown[], draw());
    if ('const' in schema) return schema['const'];
    const properties = fieldsOf(schema['properties']);
    if (schema['type'] === 'object' || properties) {
      const required = new Set(schema['required'] as string[] | undefined);
      const share = depth > DEEPEST ? 0 : depth === 0 ? 0.15 : 0.5;
      return Object.fromEntries(
        Object.entries(properties ?? {}).flatMap(([name, inner]) =>
          draw() < (required.has(name) ? 0.97 : share)
            ? [[name, value(inner as Schema, draw, wildness, depth + 1)]]
            : [],
        ),
      );
    }
    if (schema['type'] === 'array') {
      const count = depth > DEEPEST ? 0 : Math.floor(draw() * 4);
      return Array.from({ length: count }, () => value((schema['items'] ?? {}) as Schema, draw, wildness, depth + 1));
    }
    return leaf(schema, draw);
  };
  return { value: (name, draw) => value(named(`#/components/schemas/${name}`) ?? {}, draw, oneOf(WILD, draw()), 0) };
}

function leaf(schema: Schema, draw: Draw): unknown {
  const type: unknown = Array.isArray(schema['type']) ? oneOf(schema['type'] as unknown[], draw()) : schema['type'];
  if (type === 'boolean') return draw() < 0.5;
  if (type === 'integer') return Math.floor((draw() - 0.2) * oneOf([3, 20, 200], draw()));
  if (type === 'number') return (draw() - 0.3) * oneOf([1, 3, 1e4], draw());
  if (type === 'null') return null;
  return oneOf(TEXTS, draw());
}

const TEXTS = [
  '',
  'x',
  'What is 2 + 2?',
  'Number 7?',
  'data:image/png;base64,iVBORw0KGgo=',
  '\u2603\ud83d\ude00',
  '{"a":1}',
  'two',
];

const WILDS: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  '',
  'x'.repeat(2000),
  '\ud800',
  '\0',
  [],
  {},
  [[[[]]]],
  { a: { b: { c: {} } } },
  { length: 5 },
  { toString: 1, constructor: null },
  ['x', 1, null],
];
const wild = (draw: Draw): unknown => oneOf(WILDS, draw());

const fieldsOf = (value: unknown): Schema | undefined =>
  typeof value === 'object' && value !== null ? (value as Schema) : undefined;
const schemasIn = (value: unknown): Schema[] | undefined => (Array.isArray(value) ? (value as Schema[]) : undefined);

const text = { type: 'string' };
const number = { type: 'number', nullable: true };
const whole = { type: 'integer', nullable: true };
const flag = { type: 'boolean' };
const OWN: Schema = {
  CreateChatCompletionRequest: {
    type: 'object',
    required: ['model', 'messages'],
    properties: {
      messages: {
        type: 'array',
        items: {
          type: 'object',
          required: ['role', 'content'],
          properties: {
            role: { enum: ['system', 'developer', 'user', 'assistant', 'tool', 'function'] },
            content: {
              oneOf: [
                text,
                {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: {
                      type: { enum: ['text', 'image_url', 'file'] },
                      text,
                      image_url: { type: 'object', properties: { url: text } },
                    },
                  },
                },
              ],
            },
            name: text,
            tool_call_id: text,
            tool_calls: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  id: text,
                  type: { const: 'function' },
                  function: { type: 'object', properties: { name: text, arguments: text } },
                },
              },
            },
          },
        },
      },
      n: whole,
      max_tokens: whole,
      temperature: number,
      top_p: number,
      stop: { oneOf: [text, { type: 'array', items: text }] },
      seed: whole,
      stream: flag,
      stream_options: { type: 'object', properties: { include_usage: flag } },
      logprobs: flag,
      top_logprobs: whole,
      logit_bias: { type: 'object', properties: { 5: number } },
      tools: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            type: { const: 'function' },
            function: { type: 'object', properties: { name: text, parameters: { type: 'object' } } },
          },
        },
      },
      tool_choice: { oneOf: [{ enum: ['auto', 'none', 'required'] }, { type: 'object', properties: { type: text } }] },
      response_format: {
        type: 'object',
        properties: {
          type: { enum: ['text', 'json_object', 'json_schema'] },
          json_schema: { type: 'object', properties: { name: text, schema: { type: 'object' } } },
        },
      },
      reasoning_effort: { enum: ['low', 'medium', 'high', null] },
      user: text,
      metadata: { type: 'object', properties: { a: text } },
    },
  },
  CreateResponse: {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      input: {
        oneOf: [
          text,
          { type: 'array', items: { type: 'object', properties: { type: text, role: text, content: text } } },
        ],
      },
      instructions: text,
      stream: flag,
      max_output_tokens: whole,
      tools: { type: 'array', items: { type: 'object', properties: { type: text, name: text } } },
      text: { type: 'object' },
      include: { type: 'array', items: text },
    },
  },
  CreateCompletionRequest: {
    type: 'object',
    required: ['model', 'prompt'],
    properties: { prompt: text, n: whole, stream: flag, max_tokens: whole },
  },
  CreateEmbeddingRequest: {
    type: 'object',
    required: ['model', 'input'],
    properties: { input: { oneOf: [text, { type: 'array', items: text }] }, dimensions: whole },
  },
};
