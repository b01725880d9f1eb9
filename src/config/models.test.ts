import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder } from '../cli/test-support/folder.ts';
import { FORMULA_LENGTH } from '../core/bounds.ts';
import { ask } from '../core/index.ts';
import { anthropicReply, vendorServer } from '../models/installed/test-support/vendors.ts';
import { enumerable } from '../models/written/index.ts';
import { openaiServer } from '../testing/index.ts';
import type { LoadedConfig } from './load.ts';
import { openModels, type OpenModelsOptions } from './models.ts';
import { checkConfig } from './schema.ts';

const HERE = import.meta.dirname;
const loadedOf = (config: object, at = HERE): LoadedConfig => ({
  file: 'plusx.config.json',
  folder: at,
  config: checkConfig(config),
});
const opened = (config: object, options: OpenModelsOptions = {}) => openModels(loadedOf(config), options);

describe('a name of the configuration', () => {
  const model = enumerable({ name: 'mine', answers: { q: { a: 3, b: 1 } } });

  it('is the model of its formula, in formulas too', async () => {
    const models = await opened({
      models: { model, careful: 'model + selfConsistency(n=7)', twice: { formula: 'careful + reRead', about: 'both' } },
    });
    expect((await models.model('twice')).name).toBe('mine + selfConsistency(n=7) + reRead');
    expect((await models.model('careful + stepBack')).name).toBe('mine + selfConsistency(n=7) + stepBack');
    expect((await models.model('cascade(careful, model)')).name).toBe('cascade(mine + selfConsistency(n=7), mine)');
    expect((await ask(await models.model('careful'), 'q')).text).toBe('a');
    expect(models.listed).toEqual([
      { name: 'model', about: 'mine', models: [] },
      { name: 'careful', about: 'model + selfConsistency(n=7)', models: ['model'] },
      { name: 'twice', about: 'both: careful + reRead', models: ['careful'] },
    ]);
  });

  it('is made once', async () => {
    const models = await opened({ models: { a: 'plusx:tiny', b: 'a + reRead', c: 'cascade(a, b)' } });
    const [first, second] = await Promise.all([models.named('a'), models.named('a'), models.named('c')]);
    expect(first?.model).toBe(second?.model);
  });

  it.each([
    [{ a: 'a + reRead' }, 'a', '#/models/a: is made of itself: a -> a'],
    [{ a: 'b + reRead', b: 'c', c: 'cascade(plusx:tiny, b)' }, 'a', '#/models/b: is made of itself: b -> c -> b'],
    [{ a: 'nothing + reRead' }, 'a', '#/models/a: Unknown model "nothing" at character 1'],
    [{ a: 'plusx:tiny + selfConsistancy' }, 'a', '#/models/a: Unknown technique "selfConsistancy" at character 14'],
    [{ a: 'plusx:tiny + (' }, 'a', '#/models/a: '],
  ])('%j is refused, with its place', async (named, name, message) => {
    const models = await opened({ models: named });
    await expect(models.model(name)).rejects.toThrow(`plusx.config.json${message}`);
  });

  it('that is made of itself is refused however many ask at once', async () => {
    const models = await opened({ models: { a: 'b', b: 'a' } });
    const all = await Promise.allSettled([models.named('a'), models.named('b'), models.model('cascade(a, b)')]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('does not grow without end', async () => {
    const named = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`m${i}`, i === 0 ? 'plusx:tiny' : `cascade(m${i - 1}, m${i - 1})`]),
    );
    const models = await opened({ models: named });
    await expect(models.model('m39')).rejects.toThrow(`characters, and may have ${FORMULA_LENGTH}`);
  });

  it('is no name of a technique', async () => {
    await expect(opened({ models: { reRead: 'plusx:tiny' } })).rejects.toThrow(
      '#/models/reRead: is the name of a technique',
    );
  });

  it('is offered where it is misspelt', async () => {
    const models = await opened({ models: { careful: 'plusx:tiny' } });
    await expect(models.model('carefull + reRead')).rejects.toThrow('Did you mean `careful`?');
  });
});

describe('a provider of the configuration', () => {
  it('is a server with key, headers, settings and quirks of its own', async () => {
    const server = await openaiServer({ answers: 'yes' });
    try {
      const models = await opened(
        {
          providers: {
            house: {
              baseURL: server.url,
              key: { env: 'HOUSE' },
              like: 'vllm',
              headers: {
                'x-team': { env: 'TEAM', prefix: 'Team ' },
                'x-none': { env: 'NONE', optional: true },
                'user-agent': 'us',
              },
              settings: { service_tier: 'flex' },
              quirks: { topK: false },
            },
          },
          models: { good: 'house/some/model + reRead' },
        },
        { env: { HOUSE: 'the-key', TEAM: 'blue' } },
      );
      expect((await ask(await models.model('good'), 'q')).text).toBe('yes');
      const [{ headers, body } = { headers: {}, body: {} }] = server.requests;
      expect(headers).toMatchObject({ authorization: 'Bearer the-key', 'x-team': 'Team blue', 'user-agent': 'us' });
      expect(headers).not.toHaveProperty('x-none');
      expect(body).toMatchObject({ model: 'some/model', service_tier: 'flex', min_p: 0, repetition_penalty: 1 });
    } finally {
      await server.close();
    }
  });

  it('may change a known one', async () => {
    const server = await openaiServer({ answers: 'yes' });
    try {
      const config = { providers: { openai: { baseURL: server.url, maxRetries: 0 } } };
      const models = await opened(config, { env: { OPENAI_API_KEY: 'k' } });
      const model = await models.model('openai/gpt-5-mini');
      expect(model.name).toBe('openai/gpt-5-mini');
      await ask(model, { prompt: [{ role: 'user', content: [{ type: 'text', text: 'q' }] }], maxOutputTokens: 5 });
      expect(server.requests[0]?.body).toMatchObject({ max_completion_tokens: 5 });
    } finally {
      await server.close();
    }
  });

  it('needs its variables', async () => {
    const models = await opened({
      providers: { house: { baseURL: 'http://h/v1', key: { env: 'HOUSE' } }, openai: { timeoutMs: 5 } },
    });
    await expect(models.model('house/m')).rejects.toThrow('No key for house: set the environment variable HOUSE');
    await expect(models.model('openai/m')).rejects.toThrow('set the environment variable OPENAI_API_KEY');
  });

  it('may be a package of the AI SDK', async () => {
    await using server = await vendorServer(() => anthropicReply('four'));
    const models = await opened(
      {
        providers: {
          claude: { package: '@ai-sdk/anthropic', options: { apiKey: { env: 'MINE' }, baseURL: `${server.url}/v1` } },
        },
        prices: { date: '2026-11-28', models: { 'anthropic/claude-x': { input: 3, output: 15 } } },
      },
      { env: { MINE: 'the-key' } },
    );
    const { text, usage } = await ask(await models.model('claude/claude-x'), 'q');
    expect([text, usage.usd]).toEqual(['four', (10 * 3 + 5 * 15) / 1e6]);
    expect(server.requests[0]?.headers['x-api-key']).toBe('the-key');
  });
});

describe('other names', () => {
  it('are those of packages, files and known providers, files by the folder of who names them', async () => {
    await using at = await folder();
    const line = { id: '1', question: 'q', gold: '1', samples: [{ text: '1', answer: '1', correct: true }] };
    await at.write('pool.jsonl', `${JSON.stringify(line)}\n`);
    const models = await openModels(loadedOf({ models: { mine: 'pool:pool.jsonl' } }, at.path), { folder: at.path });
    expect(await models.named('mine')).toMatchObject({ finite: true, free: true });
    expect(await models.named(`pool:${join(at.path, 'pool.jsonl')}`)).toMatchObject({ finite: true });
    expect(await models.named('pool:pool.jsonl')).toMatchObject({ finite: true });
    expect(await models.named('plusx:tiny')).toMatchObject({ finite: false, free: true });
    expect(await models.named('unknown')).toBeUndefined();
    await expect(models.named('ai-sdk:not-there/m')).rejects.toThrow('Run `npm i not-there`');
    await expect(models.named('ai-sdk:./evil.js/m')).rejects.toThrow('must be the name of an npm package');
  });

  it('of files in the configuration are told by their whole path, and addresses as they are', async () => {
    const asked: string[] = [];
    const own = async (name: string) => {
      asked.push(name);
      return { model: enumerable({ answers: { q: { a: 1 } } }), finite: true, free: true };
    };
    const config = { models: { a: 'gguf:./x.gguf', b: 'gguf:hf:user/repo:Q4', c: 'gguf:https://h/x.gguf' } };
    const models = await openModels(loadedOf(config, '/somewhere'), { own });
    for (const name of ['a', 'b', 'c', 'gguf:./x.gguf']) await models.named(name);
    expect(asked).toEqual(['gguf:/somewhere/x.gguf', 'gguf:hf:user/repo:Q4', 'gguf:https://h/x.gguf', 'gguf:./x.gguf']);
  });

  it('have the price of the lists, or the one that is given', async () => {
    const prices = { date: '2026-11-28', models: { 'openai/m': { input: 1, output: 1 } } };
    const server = await openaiServer({ answers: 'yes' });
    try {
      const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: server.url };
      const listed = await ask(await (await opened({ prices }, { env })).model('openai/m'), 'q');
      const given = await ask(
        await (await opened({ prices }, { env, price: { input: 1, output: 1 } })).model('openai/m'),
        'q',
      );
      const tokens = (listed.usage.inputTokens ?? 0) + (listed.usage.outputTokens ?? 0);
      expect(listed.usage.usd).toBeCloseTo(tokens / 1e6, 12);
      expect(given.usage.usd).toBeCloseTo(tokens, 6);
      const models = await opened({ prices }, { env });
      await models.model('openai/m + reRead');
      expect([...models.priced]).toMatchObject([['openai/m', { date: '2026-11-28', source: 'configuration' }]]);
    } finally {
      await server.close();
    }
  });

  it('may be given first, and changed by what is known of servers', async () => {
    const own = enumerable({ name: 'own', answers: { q: { a: 1 } } });
    const models = await opened(
      { models: { a: 'own/x + reRead' } },
      { own: async (name) => (name === 'own/x' ? { model: own, finite: true, free: true } : undefined) },
    );
    expect(await models.named('a')).toMatchObject({ model: { name: 'own + reRead' }, finite: true, free: true });
  });
});

describe('the name of a maker', () => {
  it.each([
    ['anthropic/claude-x', 'Write ai-sdk:@ai-sdk/anthropic/claude-x, and run `npm i @ai-sdk/anthropic`'],
    ['google/gemini-x', 'Write ai-sdk:@ai-sdk/google/gemini-x,'],
    ['xai/grok', 'Write ai-sdk:@ai-sdk/xai/grok,'],
    ['bedrock/us.anthropic.claude-x', 'Write ai-sdk:@ai-sdk/amazon-bedrock/us.anthropic.claude-x,'],
  ])('%s says how its models are reached', async (name, message) => {
    const models = await opened({});
    await expect(models.model(`${name} + reRead`)).rejects.toThrow(message);
    expect(await models.named(name, { foreign: true })).toBeUndefined();
  });

  it('is that of a provider where the configuration says so', async () => {
    const models = await opened({ providers: { anthropic: { baseURL: 'http://127.0.0.1:1/v1' } } });
    expect((await models.model('anthropic/claude-x')).name).toBe('anthropic/claude-x');
  });
});

describe('a name from somebody else', () => {
  it('reaches what the configuration says, and no file and no package of its choice', async () => {
    await using at = await folder();
    const line = { id: '1', question: 'q', gold: '1', samples: [{ text: '1', answer: '1', correct: true }] };
    const file = await at.write('pool.jsonl', `${JSON.stringify(line)}\n`);
    const models = await openModels(
      loadedOf(
        {
          models: { mine: 'pool:pool.jsonl' },
          providers: { claude: { package: '@ai-sdk/anthropic', options: { apiKey: { env: 'MINE' } } } },
        },
        at.path,
      ),
      {
        folder: at.path,
        env: { MINE: 'k' },
        own: async (name) => (name === 'pool:pool.jsonl' ? undefined : Promise.reject(new Error('asked'))),
      },
    );
    const foreign = { foreign: true };
    expect(await models.named('mine', foreign)).toMatchObject({ finite: true });
    expect((await models.model('mine + reRead', foreign)).name).toContain('+ reRead');
    expect(await models.named('plusx:tiny', foreign)).toBeDefined();
    for (const name of [
      `pool:${file}`,
      'gguf:x.gguf',
      `recorded:${file}`,
      'ai-sdk:@ai-sdk/anthropic/m',
      'enumerable',
      'server/m',
    ])
      expect([name, await models.named(name, foreign)]).toEqual([name, undefined]);
    await expect(models.model(`pool:${file} + reRead`, foreign)).rejects.toThrow('Unknown model');
    await expect(models.model(`cascade(mine, "ai-sdk:@ai-sdk/anthropic/m")`, foreign)).rejects.toThrow('Unknown model');
    // A package is looked for beside the configuration that names it, and there is none here.
    await expect(models.named('claude/m', foreign)).rejects.toThrow(`is not installed in ${at.path}`);
  });
});
