import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, plus } from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { installedModel, PACKAGE_NAME, splitInstalled, VENDORS } from './index.ts';
import { anthropicReply, chatReply, googleReply, responsesReply, vendorServer } from './test-support/vendors.ts';

const HERE = import.meta.dirname;

describe('a model of a package', () => {
  it.each([
    {
      name: '@ai-sdk/anthropic',
      reply: () => anthropicReply('four'),
      options: (url: string) => ({ baseURL: `${url}/v1` }),
      path: '/v1/messages',
      key: 'x-api-key',
    },
    {
      name: '@ai-sdk/google',
      reply: () => googleReply('four'),
      options: (url: string) => ({ baseURL: `${url}/v1beta` }),
      path: '/v1beta/models/the-model:generateContent',
      key: 'x-goog-api-key',
    },
    {
      name: '@ai-sdk/openai',
      reply: () => responsesReply('four'),
      options: (url: string) => ({ baseURL: `${url}/v1` }),
      path: '/v1/responses',
      key: 'authorization',
    },
    {
      name: '@ai-sdk/openai-compatible',
      reply: () => chatReply('four'),
      options: (url: string) => ({ baseURL: `${url}/v1`, name: 'house', apiKey: 'the-key' }),
      path: '/v1/chat/completions',
      key: 'authorization',
    },
  ])(
    'of $name is asked on its own wire, with the key of its own variable',
    async ({ name, reply, options, path, key }) => {
      await using server = await vendorServer(reply);
      const variable = VENDORS[name]?.key ?? 'NONE';
      const settings = { folder: HERE, env: { [variable]: 'the-key' }, options: options(server.url) };
      const model = await installedModel(name, 'the-model', settings);
      expect(model.name).toBe(`ai-sdk:${name}/the-model`);
      const { text, usage } = await ask(plus(model, selfConsistency({ n: 3 })), 'What is 2 + 2?');
      expect(text).toBe('four');
      expect(usage).toMatchObject({ calls: 3, inputTokens: 30, outputTokens: 15 });
      expect(server.requests.map((one) => one.path)).toEqual([path, path, path]);
      expect(server.requests[0]?.headers[key]).toMatch(/^(?:Bearer )?the-key$/);
    },
  );

  it('takes the address from its variable too', async () => {
    await using server = await vendorServer(() => anthropicReply('four'));
    const env = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: `${server.url}/elsewhere` };
    const model = await installedModel('@ai-sdk/anthropic', 'm', { folder: HERE, env });
    expect((await ask(model, 'q')).text).toBe('four');
    expect(server.requests[0]?.path).toBe('/elsewhere/messages');
  });

  it('needs the key, and says which variable', async () => {
    await expect(installedModel('@ai-sdk/anthropic', 'm', { folder: HERE })).rejects.toThrow(
      'No key for @ai-sdk/anthropic: set the environment variable ANTHROPIC_API_KEY',
    );
  });

  it('says how to install a package that is not there', async () => {
    const env = { XAI_API_KEY: 'k' };
    await expect(installedModel('@ai-sdk/xai', 'grok', { folder: '/', env })).rejects.toThrow(
      'The package @ai-sdk/xai is not installed in /. Run `npm i @ai-sdk/xai` there.',
    );
  });
});

describe('which package', () => {
  it.each([
    ['@ai-sdk/anthropic/claude-x', '@ai-sdk/anthropic', 'claude-x'],
    ['ollama-ai-provider-v2/qwen3:4b', 'ollama-ai-provider-v2', 'qwen3:4b'],
    ['@ai-sdk/fireworks/accounts/fireworks/models/x', '@ai-sdk/fireworks', 'accounts/fireworks/models/x'],
  ])('%s', (text, name, model) => {
    expect(splitInstalled(text)).toEqual({ name, model });
  });

  it.each([
    '',
    'claude',
    '@ai-sdk/anthropic',
    '@ai-sdk/anthropic/',
    './evil/m',
    '../evil/m',
    '.hidden/m',
    '/etc/passwd/m',
    '@ai-sdk/../evil',
    'https://evil.invalid/m',
    'file:///evil.js/m',
    'data:text/javascript,x/m',
    'node:fs/m',
    'fs/m',
    'Upper/m',
    'a b/m',
    'a%2f/m',
    'a\\b/m',
    `${'a'.repeat(215)}/m`,
    'node_modules/m',
    '_x/m',
    'a\u0000b/m',
  ])('%j names none, and nothing is loaded', (text) => {
    expect(() => splitInstalled(text)).toThrow(/must be/);
  });

  it('every vendor has a name that can be loaded', () => {
    for (const name of Object.keys(VENDORS)) expect(name).toMatch(PACKAGE_NAME);
  });
});

describe('a package as it may be', () => {
  const LANGUAGE_MODEL = `({ specificationVersion: 'v3', provider: 'p', modelId, supportedUrls: {},
    async doGenerate() { return { content: [{ type: 'text', text: JSON.stringify([modelId, options ?? null]) }], finishReason: { unified: 'stop' }, usage: {}, warnings: [] }; } })`;
  const FACTORY = `(options) => ({ languageModel: (modelId) => ${LANGUAGE_MODEL} })`;
  const said = async (files: { readonly [file: string]: string }): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'plusx-'));
    try {
      for (const [file, source] of Object.entries(files)) {
        const path = join(folder, 'node_modules/some-provider', file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, source);
      }
      const model = await installedModel('some-provider', 'm', { folder, options: { region: 'r' } });
      return (await ask(model, 'q')).text;
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  const manifest = (more: object): string => JSON.stringify({ name: 'some-provider', type: 'module', ...more });
  const ANSWER = '["m",{"region":"r"}]';

  it.each<[string, { readonly [file: string]: string }]>([
    [
      'exports a text',
      { 'package.json': manifest({ exports: './a.js' }), 'a.js': `export const createX = ${FACTORY};` },
    ],
    [
      'exports for import alone',
      {
        'package.json': manifest({
          exports: { '.': { types: './a.d.ts', browser: './b.js', import: { default: './a.js' } } },
        }),
        'a.js': `export const createX = ${FACTORY};`,
        'b.js': 'throw new Error("the wrong one");',
      },
    ],
    [
      'has a main file',
      { 'package.json': manifest({ main: 'lib/a.js' }), 'lib/a.js': `export const createX = ${FACTORY};` },
    ],
    [
      'has several functions',
      {
        'package.json': manifest({ exports: './a.js' }),
        'a.js': `export const createTool = () => ({}); export const createSomeProvider = ${FACTORY};`,
      },
    ],
  ])('%s', async (_, files) => {
    expect(await said(files)).toBe(ANSWER);
  });

  it.each<[string, { readonly [file: string]: string }, RegExp]>([
    [
      'is no provider',
      { 'package.json': manifest({ exports: './a.js' }), 'a.js': 'export const x = 1;' },
      /exports no provider/,
    ],
    ['points outside itself', { 'package.json': manifest({ exports: '../../evil.js' }) }, /has no entry/],
    [
      'does not load',
      { 'package.json': manifest({ exports: './a.js' }), 'a.js': 'throw new Error("broken");' },
      /does not load: Error: broken/,
    ],
    ['has no entry', { 'package.json': manifest({ exports: { './sub': './a.js' } }) }, /has no entry/],
  ])('%s, and that is said', async (_, files, message) => {
    await expect(said(files)).rejects.toThrow(message);
  });
});
