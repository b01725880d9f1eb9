import { afterEach, expect, it } from 'vitest';
import {
  memoryJournal,
  rootScope,
  textOf,
  user,
  type Context,
  type Model,
  type Request,
  type StreamPart,
} from '../../core/index.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { enumerable } from '../written/index.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';
import { probe, type Probed } from './probe.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

/** Sentences that differ from the first word on, but for one. */
const LONG: { readonly [text: string]: number } = {
  'The sea is blue and very wide.': 0.3,
  ...Object.fromEntries(
    'Waves Gulls Boats Sand Foam Salt Winds Tides Fish Shells Rocks Sails Nets Storms'
      .split(' ')
      .map((word) => [`${word} come and go with the hours of a day.`, 0.05]),
  ),
};
const ANSWERS = { 'The sea is blue.': 0.5, 'The sea was calm today.': 0.3, 'Waves.': 0.2 };
async function serve(
  knobs: OpenAIServerOptions = {},
  options: Partial<OpenAICompatibleOptions> = {},
): Promise<{ server: OpenAIServer; model: Model }> {
  const server = await openaiServer({ answers: ANSWERS, ...knobs });
  open.push(server);
  return { server, model: openaiCompatible({ model: 'm', baseURL: server.url, ...options }) };
}
async function within<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const { context, close } = rootScope();
  try {
    return await work(context);
  } finally {
    close();
  }
}
const REQUEST: Request = { prompt: [user('Describe the sea.')] };

it('a model that was not probed claims nothing', async () => {
  const { model } = await serve();
  expect(model.can).toMatchObject({ logprobs: false, score: false, continueFrom: false, next: false });
  expect(model.score).toBeUndefined();
});

it.each(['chat', 'completions'] as const)('finds all that a good server can do: %s', async (api) => {
  const { model } = await serve({}, { api });
  const probed = await probe(model);
  expect(probed.warnings).toEqual([]);
  expect(probed.found).toMatchObject({ n: true, logprobs: true });
  expect(probed.model.can).toMatchObject({ logprobs: true, score: true, continueFrom: true });
  expect(probed.usage.calls).toBeGreaterThan(2);
  await within(async (context) => {
    for (const [text, p] of Object.entries(ANSWERS)) {
      const scored = await probed.model.score?.(REQUEST, text, context);
      expect(scored?.logprob).toBeCloseTo(Math.log(p), 9);
      expect(scored?.usage.calls).toBe(1);
    }
    const sampled = await probed.model.continueFrom?.({ ...REQUEST, n: 30 }, 'The sea', context);
    const texts = sampled?.samples.map(({ content }) => textOf(content)) ?? [];
    expect(texts).toHaveLength(30);
    expect(new Set(texts)).toEqual(new Set(['The sea is blue.', 'The sea was calm today.']));
  });
});

it.each(['chat', 'completions'] as const)('withdraws scores that contradict the samples: %s', async (api) => {
  const { model } = await serve(
    { wrongScores: -0.5 },
    { api, quirks: { score: api === 'chat' ? 'prompt_logprobs' : 'echo' } },
  );
  expect(model.can.score).toBe(true);
  const probed = await probe(model);
  expect(probed.model.can.score).toBe(false);
  expect(probed.model.score).toBeUndefined();
  expect(probed.warnings.map(({ code }) => code)).toEqual(['score-withdrawn']);
});

it('withdraws what is claimed and not there', async () => {
  const { model } = await serve(
    { noLogprobs: true, ignoresPrefix: true, ignoresN: true },
    { quirks: { logprobs: true, score: 'prompt_logprobs', prefix: 'continue_final_message' } },
  );
  const probed = await probe(model);
  expect(probed.model.can).toMatchObject({ logprobs: false, score: false, continueFrom: false });
  expect(probed.found.n).toBe(false);
  expect(new Set(probed.warnings.map(({ code }) => code))).toEqual(
    new Set(['n-ignored', 'logprobs-withdrawn', 'score-withdrawn', 'continueFrom-withdrawn']),
  );
});

it('native n is not asked for again where the probe saw it ignored', async () => {
  const { server, model } = await serve({ ignoresN: true });
  const probed = await probe(model);
  server.forget();
  await within((context) => probed.model.sample({ ...REQUEST, n: 3 }, context));
  expect(server.requests.map(({ body }) => body.n)).toEqual([undefined, undefined, undefined]);
});

it('an unreachable server or a refused key is an error, not an absent capability', async () => {
  const { model, server } = await serve({ apiKey: 'right' }, { apiKey: 'wrong-key' });
  await expect(probe(model)).rejects.toThrow('answered 401');
  await server.close();
  await expect(probe(model)).rejects.toThrow('Cannot reach');
});

it('takes models of its own kind only', async () => {
  await expect(probe(enumerable({ answers: { '*': { a: 1 } } }))).rejects.toThrow('probe: model must come from');
});

const codes = ({ warnings }: Probed): string[] => warnings.map(({ code }) => code);
const found = ({ findings }: Probed): { [ability: string]: string } =>
  Object.fromEntries(findings.map(({ ability, found: value }) => [ability, value]));

it.each<[string, OpenAIServerOptions, string, string, string | undefined]>([
  ['nothing', {}, 'draws differ', 'yes', undefined],
  ['the seed', { dropsSeed: true }, 'seed', 'no', 'seed-ignored'],
  ['seed and temperature', { alwaysGreedy: true }, 'draws differ', 'no', 'draws-identical'],
  ['the temperature', { dropsTemperature: true }, 'temperature', 'no', 'temperature-ignored'],
  ['the bound of tokens', { ignoresMaxTokens: true }, 'bound of tokens', 'no', 'max-tokens-ignored'],
  [
    'the bound of tokens, and tells no count',
    { ignoresMaxTokens: true, noUsage: true, noLogprobs: true },
    'bound of tokens',
    'no',
    'max-tokens-ignored',
  ],
  ['tokens of all candidates but one', { countsOne: true }, 'tokens of n', 'no', 'n-miscounted'],
  ['the end before a stop sequence', { leavesStop: true }, 'stop sequences', 'cut here', undefined],
  ['fields it does not know', {}, 'neutral settings', 'yes', undefined],
  ['a JSON schema', { ignoresFormat: true }, 'JSON schema', 'no', 'format-ignored'],
  ['not the schema that it takes in another way', { schemaInObject: true }, 'JSON schema', 'yes', undefined],
  ['not the end of a text', { countsEnd: true }, 'end of a text counted', 'yes', undefined],
  ['the end of a text', { countsEnd: false }, 'end of a text counted', 'no', undefined],
])('says what a server ignores: %s', async (_, knobs, ability, value, code) => {
  const { model } = await serve({ answers: LONG, ...knobs });
  const probed = await probe(model, { seed: 3 });
  expect(found(probed)[ability]).toBe(value);
  expect(code === undefined ? codes(probed).length === 0 : codes(probed).includes(code)).toBe(true);
});

it('a model that is certain of its answer is not taken for a server that ignores its settings', async () => {
  const { model } = await serve({ answers: { 'The sea is blue and very wide.': 0.99, 'Waves.': 0.01 } });
  for (let seed = 0; seed < 5; seed++) expect(codes(await probe(model, { seed }))).not.toContain('seed-ignored');
});

it.each([true, false])('finds out whether a reply repeats what it goes on from: %s', async (repeatsPrefix) => {
  const { model } = await serve({ answers: LONG, repeatsPrefix });
  const probed = await probe(model);
  expect(probed.found).toMatchObject({ prefix: 'continue_final_message', repeatsPrefix });
  await within(async (context) => {
    const sampled = await probed.model.continueFrom?.({ ...REQUEST, n: 5 }, 'The sea', context);
    for (const { content } of sampled?.samples ?? []) expect(Object.keys(LONG)).toContain(textOf(content));
  });
});

it.each([
  ['of the protocol', []],
  ['of llama.cpp', 'min_p typical_p repeat_penalty repetition_penalty dry_multiplier xtc_probability top_k'.split(' ')],
])('sends the neutral settings that a server takes: those %s', async (_, knows) => {
  const { model, server } = await serve({ answers: LONG, knows, ownTemperature: 0.3 });
  const probed = await probe(model);
  expect(probed.found.defaults).toMatchObject({ temperature: 1, top_p: 1 });
  expect('repeat_penalty' in (probed.found.defaults ?? {})).toBe(knows.length > 0);
  server.forget();
  const sampled = await within((context) => probed.model.sample({ ...REQUEST, logprobs: true }, context));
  expect(server.requests[0]?.body.temperature).toBe(1);
  const [sample] = sampled.samples;
  const p = LONG[textOf(sample?.content ?? '')] ?? 0;
  expect(sample?.logprob).toBeCloseTo(Math.log(p), 9);
});

it('finds the log-probabilities of servers that send none without alternatives', async () => {
  const { model } = await serve({ logprobsNeedTop: true });
  expect((await probe(model)).found.logprobs).toBe(true);
});

it('asks the server and no journal', async () => {
  const { model, server } = await serve();
  const journal = memoryJournal();
  await probe(model, { journal });
  const asked = server.requests.length;
  await probe(model, { journal });
  expect(server.requests).toHaveLength(2 * asked);
});

it.each([true, false])('counts the token that ends a text at every server, reported or not: %s', async (countsEnd) => {
  const { model } = await serve({ answers: LONG, countsEnd });
  const probed = await probe(model);
  expect(probed.found.countsEnd).toBe(countsEnd);
  const whole = { ...REQUEST, temperature: 0 };
  const [text] = Object.keys(LONG) as [string];
  await within(async (context) => {
    // Seven words and the end; three words and no end; five words and a blank, where nobody says what ended them.
    expect(text.split(' ')).toHaveLength(7);
    for (const [request, tokens] of [
      [whole, 8],
      [{ ...whole, n: 3, temperature: 1e-9 }, 24],
      [{ ...whole, maxOutputTokens: 3 }, 3],
      [{ ...whole, stopSequences: ['very'] }, 6],
    ] as const)
      expect([request, (await probed.model.sample(request, context)).usage.outputTokens]).toEqual([request, tokens]);
    let last: StreamPart | undefined;
    for await (const part of probed.model.stream?.(whole, context) ?? []) last = part;
    expect(last).toMatchObject({ type: 'finish', sampled: { usage: { outputTokens: 8 } } });
  });
});

it.each<['chat' | 'completions', OpenAIServerOptions, unknown, readonly (string | undefined)[]]>([
  ['chat', {}, undefined, ['json_schema']],
  ['chat', { schemaInObject: true }, 'json_object', ['json_object']],
  ['chat', { ignoresFormat: true }, undefined, ['json_schema']],
  ['completions', {}, undefined, [undefined]],
  ['completions', { schemaInObject: true }, undefined, [undefined]],
  ['completions', { formatField: 'response_format' }, true, ['json_schema']],
  ['completions', { formatField: 'json_schema' }, 'json_schema', [undefined]],
])('finds how a JSON schema is asked for: %s, %o', async (api, knobs, jsonSchema, sent) => {
  const { server, model } = await serve(knobs, { api });
  // What was found out at one endpoint is not taken for true at the other.
  if (api === 'completions') await probe(openaiCompatible({ model: 'm', baseURL: server.url }));
  const probed = await probe(model);
  expect(probed.found.jsonSchema).toBe(jsonSchema);
  server.forget();
  const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
  const asked: Request = { ...REQUEST, responseFormat: { type: 'json', schema } };
  const { samples, warnings } = await within((context) => probed.model.sample(asked, context));
  const formats = server.requests.map(({ body }) => (body['response_format'] as { type?: string } | undefined)?.type);
  expect(formats).toEqual(sent);
  const isKept = textOf(samples[0]?.content ?? '') === '{"answer":1}';
  const isSaid = warnings.some(({ code }) => code === 'format-ignored' || code === 'unsupported');
  expect([isKept, isSaid]).toEqual([found(probed)['JSON schema'] === 'yes', found(probed)['JSON schema'] !== 'yes']);
});
