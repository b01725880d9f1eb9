import { afterEach, expect, it } from 'vitest';
import { rootScope, textOf, user, type Context, type Model, type Request } from '../../core/index.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { enumerable } from '../written/index.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';
import { probe } from './probe.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

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
