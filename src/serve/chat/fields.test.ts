import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Serving } from '../test-support/serving.ts';
import { formulaOf, PLAIN, seenUnder, SENT, serverOfAll, techniques, type Seen } from '../test-support/matrix.ts';
import { holds, share } from '../test-support/rooms.ts';
import { readShared } from '../test-support/shared.ts';
import type { AnyTechnique } from '../../core/index.ts';
import { CHAT_FIELDS } from './fields.ts';

const ROOT = join(import.meta.dirname, '../../..');

let server: Serving;
beforeAll(async () => {
  server = await serverOfAll();
});
afterAll(() => server.close());

const spec = readShared('wire/openai-openapi.json.gz');
it.skipIf(!spec)('every field of the published description has a fate', () => {
  const { components } = JSON.parse(gunzipSync(spec as Buffer).toString()) as {
    components: { schemas: { [name: string]: Schema } };
  };
  const names = [...fieldsOf('CreateChatCompletionRequest', components.schemas)];
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !Object.hasOwn(CHAT_FIELDS, name))).toEqual([]);
});

interface Schema {
  readonly properties?: object;
  readonly allOf?: readonly (Schema & { readonly $ref?: string })[];
}
function* fieldsOf(name: string, schemas: { [name: string]: Schema }): Generator<string> {
  const { properties = {}, allOf = [] } = schemas[name] ?? {};
  yield* Object.keys(properties);
  for (const { $ref, properties: more = {} } of allOf) {
    yield* Object.keys(more);
    if ($ref) yield* fieldsOf($ref.split('/').at(-1) ?? '', schemas);
  }
}

const runnable = techniques.filter((one) => formulaOf(one) !== undefined);
/** What asks for more than a chat server has: prefixes, log-probabilities of whole texts, next tokens. */
const ASKS_MORE = new Set(['beamSearch', 'mcts', 'particleFilter', 'power']);
const asksMore = ({ definition }: AnyTechnique): boolean =>
  ASKS_MORE.has(definition.name) || definition.room === 'decode';
const named = (all: readonly AnyTechnique[]) => all.map((one) => [one.definition.name, one] as const);
const served = runnable.filter((one) => !asksMore(one));
const isOfTools = ({ definition }: AnyTechnique): boolean => definition.room === 'tools';
const FORMED = ['tools', 'response_format'] as const;

describe('nothing of a request is lost', () => {
  it.each(named(served))('under %s', async (_name, technique) => {
    const seen = (await seenUnder(server, technique, PLAIN)) as Seen;
    expect(seen.status).toBe(200);
    // `max_tokens` is shared out by some.
    const whole = Object.entries(PLAIN).filter(([field]) => field !== 'max_tokens');
    const shares = whole.map(([field, value]) => [
      field,
      share(seen, (body) => JSON.stringify(body[field]) === JSON.stringify(value)),
    ]);
    expect(shares).toEqual(whole.map(([field]) => [field, 'all']));
    expect(share(seen, ({ max_tokens: most }) => typeof most === 'number' && most <= 77)).toBe('all');
    expect(share(seen, ({ seed }) => typeof seed === 'number')).toBe('all');
    expect(
      ['seen: 3', '"detail":"low"', 'You are exact.'].filter((text) => share(seen, holds(text)) === 'none'),
    ).toEqual([]);
  });

  it.each(named(served.filter((one) => !isOfTools(one))))(
    'of its tools and its form under %s',
    async (_name, technique) => {
      for (const form of FORMED) {
        const seen = (await seenUnder(server, technique, { [form]: SENT[form] })) as Seen;
        expect(seen.status).toBe(200);
        expect(share(seen, (body) => JSON.stringify(body[form]) === JSON.stringify(SENT[form]))).not.toBe('none');
      }
    },
  );

  it.each(named(served.filter(isOfTools)))(
    'but refused under %s, which asks with tools of its own',
    async (_name, technique) => {
      for (const form of FORMED) {
        const seen = (await seenUnder(server, technique, { [form]: SENT[form] })) as Seen;
        expect([seen.status, seen.reply]).toMatchObject([
          400,
          { error: { param: form, code: 'unsupported_parameter' } },
        ]);
      }
    },
  );

  it.each(named(runnable.filter(asksMore)))('and %s says what it needs of a model', async (_name, technique) => {
    const { status, reply } = (await seenUnder(server, technique, PLAIN)) as Seen;
    const code = expect.stringMatching(/^(unsupported_model|invalid_formula|no_candidates)$/) as string;
    expect([status === 400 || status === 502, reply]).toMatchObject([true, { error: { code } }]);
  });
});

const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];
const X = 'up/test + selfConsistency(n=3)';

describe('a field that cannot be kept is refused by name, with the way out', () => {
  it.each<[string, object]>([
    ['modalities', { modalities: ['text', 'audio'] }],
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['function_call', { function_call: { name: 'f' } }],
    ['stream_options.include_obfuscation', { stream: true, stream_options: { include_obfuscation: true } }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'c' } }] }],
    ['tool_choice', { tool_choice: { type: 'custom', custom: { name: 'c' } } }],
    ['response_format.type', { response_format: { type: 'grammar' } }],
    ['n', { n: 0 }],
    ['n', { n: 129 }],
    ['n', { n: 1.5 }],
    ['seed', { seed: 'x' }],
    ['seed', { seed: 2 ** 60 }],
    ['temperature', { temperature: 3 }],
    ['top_p', { top_p: '1' }],
    ['stop', { stop: [1] }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_completion_tokens', { max_completion_tokens: -1 }],
    ['logprobs', { logprobs: 5 }],
    ['top_logprobs', { top_logprobs: 5 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['tools', { tools: {} }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['stream', { stream: 'yes' }],
    ['plusx', { plusx: true }],
    ['plusx.steps', { plusx: { steps: 1 } }],
    ['plusx.budget.euro', { plusx: { budget: { euro: 1 } } }],
    ['plusx.deadline_ms', { plusx: { deadline_ms: -1 } }],
  ])('%s: %j', async (param, fields) => {
    server.upstream.forget();
    const response = await server.post('/chat/completions', { model: X, messages: MESSAGES, ...fields });
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    expect([response.status, error.param]).toEqual([400, param]);
    expect(error.message).toContain(`\`${param}\``);
    expect(server.upstream.requests.length).toBe(0);
  });

  it.each<[string, object]>([
    ['tools', { tools: SENT['tools'] }],
    ['response_format', { response_format: SENT['response_format'] }],
    ['presence_penalty', { presence_penalty: 0.5 }],
    ['reasoning_effort', { reasoning_effort: 'low' }],
    ['logit_bias', { logit_bias: { '5': 1 } }],
    ['min_p', { min_p: 0.1 }],
    ['store', { store: true }],
    ['messages[0].name', { messages: [{ role: 'user', content: 'x', name: 'mia' }] }],
  ])('under a model that cannot: %s', async (param, fields) => {
    const { tiny } = await import('../../models/tiny/index.ts');
    const { handler } = await import('../handler.ts');
    const answer = handler({ models: { tiny: tiny() } });
    const response = await answer(
      new Request('http://localhost/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tiny', messages: MESSAGES, ...fields }),
      }),
    );
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    expect([response.status, error.param]).toEqual([400, param]);
  });
});

describe('the form of an answer is kept to by constrained', () => {
  const format = {
    type: 'json_schema',
    json_schema: {
      name: 'r',
      schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false },
    },
  };
  const ask = async (model: string): Promise<Response> =>
    server.post('/chat/completions', { model, messages: MESSAGES, max_tokens: 60, response_format: format, seed: 1 });

  it.each(['tiny + constrained', 'tiny + constrained + selfConsistency(n=2)'])('%s', async (model) => {
    const { choices } = (await (await ask(model)).json()) as { choices: { message: { content: string } }[] };
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ a: expect.any(Number) as number });
  });

  it.each(['tiny + constrained(regex="[0-9]+")', 'tiny + topK(k=5)', 'tiny'])('and not by %s', async (model) => {
    const response = await ask(model);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'response_format' } }]);
  });
});

it('log-probabilities that no answer has are null, with a word about it', async () => {
  for (const stream of [false, true]) {
    const body = { model: 'tiny + speculative(draft=tiny)', messages: MESSAGES, max_tokens: 9, logprobs: true, stream };
    const text = await (await server.post('/chat/completions', body)).text();
    expect(text.match(/"logprobs":[^n]/)).toBeNull();
    expect(text.match(/"code":"logprobs-missing"/g)).toHaveLength(1);
  }
});

describe('what is so anyway is no wish', () => {
  it('and neither are nulls', async () => {
    const defaults = {
      n: null,
      stop: null,
      tools: null,
      response_format: { type: 'text' },
      modalities: ['text'],
      audio: null,
      functions: [],
      logit_bias: {},
      store: false,
      parallel_tool_calls: true,
      stream_options: null,
      user: null,
    };
    const response = await server.post('/chat/completions', { model: X, messages: MESSAGES, ...defaults });
    expect(response.status).toBe(200);
  });
});

it('docs/serve.md has a line for every field', () => {
  const page = readFileSync(join(ROOT, 'docs/serve.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)`(?:, `(\w+)`)* \| (read|computed|handed|hint|refused)/gm)].flatMap(
    ([row]) => {
      const [, fate = ''] = /\| (read|computed|handed|hint|refused)/.exec(row) ?? [];
      return [...(row.split('|')[1]?.matchAll(/`(\w+)`/g) ?? [])].map(([, name = '']) => [name, fate]);
    },
  );
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(CHAT_FIELDS).map(([name, { fate }]) => [name, fate])),
  );
});
