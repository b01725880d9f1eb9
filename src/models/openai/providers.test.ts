import { afterEach, describe, expect, it } from 'vitest';
import { ask, parse } from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { modelNamed, provider, PROVIDERS } from './providers.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));
const serve = async (): Promise<OpenAIServer> => {
  const server = await openaiServer();
  open.push(server);
  return server;
};

describe.each(Object.entries(PROVIDERS))('%s', (name, { baseURL, key, keyOptional, url }) => {
  it('has a model for each name, which reads back as a formula', () => {
    const env = { [key]: 'k-123456' };
    const model = provider(name, 'some/model-1', { env });
    expect(model.name).toBe(`${name}/some/model-1`);
    const formula = `${model.name} + bestOfN(score=longest)`;
    const scope = {
      techniques: [bestOfN],
      model: (text: string) => modelNamed(text, { env }),
      scorers: { longest: () => 0 },
    };
    expect(parse(formula, scope).name.startsWith(`${model.name} + bestOfN(`)).toBe(true);
  });

  it('says which variable its key is missing from', () => {
    const outcome = (): string => {
      try {
        return provider(name, 'm').name;
      } catch (error) {
        return String(error);
      }
    };
    expect(outcome()).toBe(
      keyOptional
        ? `${name}/m`
        : `MissingKey: No key for ${name}: set the environment variable ${key}, or pass \`apiKey\`.`,
    );
  });

  it('lives at an address that a variable can move', async () => {
    expect(new URL(baseURL).protocol).toMatch(/^https?:$/);
    const server = await serve();
    await ask(provider(name, 'm', { env: { [key]: 'k-123456', [url]: server.url } }), 'q');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer k-123456');
    expect(server.requests[0]?.body.model).toBe('m');
  });
});

it('pins samplers whose defaults are a transform, and lets a request choose', async () => {
  const server = await serve();
  const model = provider('llama.cpp', 'm', { baseURL: server.url });
  await ask(model, 'q');
  await ask(model, { prompt: [], temperature: 0.2, topK: 5 });
  expect(server.requests[0]?.body).toMatchObject({ temperature: 1, top_k: 0, top_p: 1, min_p: 0 });
  expect(server.requests[1]?.body).toMatchObject({ temperature: 0.2, top_k: 5, top_p: 1, min_p: 0 });
});

it('speaks the dialect of each', async () => {
  const server = await serve();
  const request = { prompt: [], maxOutputTokens: 5, reasoning: 'low' };
  const bodyOf = async (name: string, model = 'm') => {
    server.forget();
    const { warnings } = await ask(provider(name, model, { apiKey: 'k-123456', baseURL: server.url }), request);
    return { ...server.requests[0]?.body, warnings };
  };
  expect(await bodyOf('openai')).toMatchObject({ max_completion_tokens: 5, reasoning_effort: 'low' });
  expect(await bodyOf('openrouter')).toMatchObject({ max_tokens: 5, reasoning: { effort: 'low' } });
  const mistral = await bodyOf('mistral');
  expect(mistral).toHaveProperty('random_seed');
  expect(mistral).not.toHaveProperty('seed');
  const deepseek = await bodyOf('deepseek');
  expect(deepseek).not.toHaveProperty('seed');
  expect(deepseek.warnings.map(({ code }) => code)).toEqual(['no-seed']);
});

it('a server’s own bill counts where it sends one', async () => {
  const server = await openaiServer({
    failures: [
      {
        status: 200,
        body: '{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":0.25}}',
      },
    ],
  });
  open.push(server);
  const { usage } = await ask(provider('openrouter', 'a/b', { apiKey: 'k-123456', baseURL: server.url }), 'q');
  expect(usage.usd).toBe(0.25);
});

it('names are suggested, and other names are left to others', () => {
  expect(() => provider('opnai', 'm')).toThrow('Did you mean openai?');
  expect(modelNamed('tiny')).toBeUndefined();
  expect(modelNamed('nobody/model')).toBeUndefined();
  expect(modelNamed('constructor/model')).toBeUndefined();
  expect(modelNamed('vllm/')).toBeUndefined();
});
