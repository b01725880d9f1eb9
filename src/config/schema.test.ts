import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../models/openai/index.ts';
import { enumerable } from '../models/written/index.ts';
import { ConfigError } from './read.ts';
import { checkConfig, defineConfig, variablesOf } from './schema.ts';

const FILE = 'plusx.config.json';
const refusal = (value: unknown): string => {
  try {
    checkConfig(value, FILE);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};

const WHOLE = {
  $schema: 'https://example.invalid/schema.json',
  models: {
    careful: 'openai/gpt-5-mini + selfConsistency(n=5)',
    brief: { formula: 'careful', about: 'short answers' },
  },
  providers: {
    house: { baseURL: 'http://127.0.0.1:8000/v1', key: { env: 'HOUSE_KEY' }, like: 'vllm', quirks: { n: true } },
    gateway: {
      baseURL: 'https://gateway.invalid/v1?team=a',
      headers: { 'user-agent': 'us', 'x-key': { env: 'GATEWAY', prefix: 'Bearer ' } },
      settings: { max_tokens: 5, provider: { order: ['a'] } },
    },
    openai: { timeoutMs: 1000, maxRetries: 0 },
    claude: { package: '@ai-sdk/anthropic', options: { apiKey: { env: 'CLAUDE' }, baseURL: 'http://127.0.0.1:1/v1' } },
  },
  defaults: {
    model: 'careful',
    store: 'calls.db',
    budget: { usd: 1, calls: 100 },
    request: { system: 'Be brief.', maxTokens: 100, topP: 0.9 },
  },
  prices: [
    'prices.json',
    {
      date: '2026-11-28',
      source: 'a page',
      models: { 'openai/gpt-5-mini': { input: 0.25, output: 2, cachedInput: 0.025 } },
    },
  ],
  tasks: {
    orders: { file: 'orders.csv', mapping: { input: 'q', expected: 'a' }, metric: 'numeric' },
    short: 'gsm8k:a.jsonl',
  },
  serve: {
    port: 8080,
    store: 'keys.db',
    drainMs: 0,
    inFlight: 10,
    endUser: 'user',
    limits: { calls: 10, ms: 1000 },
    logs: { file: 'log.jsonl', level: 'warn', content: false },
    metrics: false,
    telemetry: { content: true },
  },
};

describe('a configuration', () => {
  it('is read as it stands', () => {
    expect(checkConfig(WHOLE, FILE)).toEqual(WHOLE);
    expect(checkConfig(JSON.parse(JSON.stringify(WHOLE)), FILE)).toEqual(WHOLE);
    expect(checkConfig({}, FILE)).toEqual({});
  });

  it('may hold models and tasks that are made in TypeScript', () => {
    const model = enumerable({ answers: { q: { a: 1 } } });
    const task = { name: 'mine', items: [], metric: { name: 'exact', grade: () => 1 } };
    const config = checkConfig(defineConfig({ models: { model }, tasks: { task } }));
    expect([config.models?.['model'], config.tasks?.['task']]).toEqual([model, task]);
  });

  it('names the variables that it needs, and only where they are meant', () => {
    expect(variablesOf(checkConfig(WHOLE)).toSorted()).toEqual(['CLAUDE', 'GATEWAY', 'HOUSE_KEY']);
    const deep = { p: { package: 'a', options: { auth: { list: [{ private_key: { env: 'DEEP' } }] } } } };
    expect(variablesOf(checkConfig({ providers: deep }))).toEqual(['DEEP']);
    const settings = { s: { baseURL: 'http://h/v1', settings: { env: 'PATH' } } };
    expect(variablesOf(checkConfig({ providers: settings }))).toEqual([]);
  });
});

describe('what is wrong is refused with its place and the way out', () => {
  const p = (provider: object): object => ({ providers: { house: { baseURL: 'http://h/v1', ...provider } } });
  it.each<[unknown, string]>([
    [5, `${FILE}: must be an object, got 5`],
    [[], `${FILE}: must be an object, got a list`],
    [new Map(), `${FILE}: must be an object, got an object`],
    [{ modles: {} }, '#/modles: is no name that is known here. Did you mean `models`? There are: $schema, models'],
    [{ model: 'x' }, '#/model: cannot be written here. The model where none is named is `defaults.model`'],
    [{ models: { careful: 5 } }, '#/models/careful: must be an object, got 5'],
    [{ models: { careful: '' } }, '#/models/careful: must be a text, got ""'],
    [{ models: { careful: { about: 'x' } } }, '#/models/careful: must have the field formula'],
    [{ models: { careful: { formula: 'a', n: 1 } } }, '#/models/careful/n: is no name that is known here'],
    [{ models: { 'a/b': 'x' } }, '#/models/a~1b: must be a name of letters'],
    [{ models: { 'a b': 'x' } }, '#/models/a b: must be a name of letters'],
    [{ models: { 'a\nb\u2028c': 'x' } }, '#/models/a b c: must be a name of letters'],
    [{ models: { enumerable: 'x' } }, '#/models/enumerable: is a name that plusx has already. Choose another'],
    [{ models: { ['x'.repeat(65)]: 'x' } }, 'at most 64'],
    [{ models: { x: 'a\uD800' } }, '#/models/x: must be well-formed Unicode'],
    [{ models: { x: 'a'.repeat(70_000) } }, '#/models/x: must have at most 65536 characters, got 70000'],
    [{ models: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`m${i}`, 'x'])) }, 'may have 1000 entries'],
    [JSON.parse('{"models": {"__proto__": "x"}}'), '#/models/__proto__: must be a name of letters'],
    [{ providers: { mine: {} } }, '#/providers/mine: must have a baseURL, or a package of the AI SDK'],
    [
      p({ baseURL: 'ftp://h' }),
      '#/providers/house/baseURL: must be an http(s) address such as http://127.0.0.1:8000/v1, got "ftp',
    ],
    [p({ like: 'vlm' }), 'got "vlm". Did you mean "vllm"?'],
    [p({ api: 'responses' }), '#/providers/house/api: must be one of "chat", "completions", got "responses"'],
    [
      p({ quirks: { topk: true } }),
      '#/providers/house/quirks/topk: is no name that is known here. Did you mean `topK`?',
    ],
    [p({ quirks: { n: 'yes' } }), '#/providers/house/quirks/n: must be true or false, got "yes"'],
    [
      p({ quirks: { jsonSchema: 'yes' } }),
      '#/providers/house/quirks/jsonSchema: must be true, false, "json_object" or "json_schema", got "yes"',
    ],
    [p({ maxRetries: 1.5 }), '#/providers/house/maxRetries: must be an integer from 0 to 100, got 1.5'],
    [p({ timeoutMs: NaN }), '#/providers/house/timeoutMs: must be a number of at least 1, got NaN'],
    [p({ key: { env: 'A B' } }), '#/providers/house/key/env: must be the name of a variable'],
    [
      p({ settings: { a: () => 1 } }),
      '#/providers/house/settings/a: must be plain data, such as JSON holds, got a function',
    ],
    [{ providers: { a: { package: './evil.js' } } }, '#/providers/a/package: must be the name of an npm package'],
    [{ providers: { a: { package: '../evil' } } }, 'must be the name of an npm package'],
    [{ providers: { a: { package: 'https://evil/x' } } }, 'must be the name of an npm package'],
    [
      { providers: { a: { package: 'a', baseURL: 'http://h' } } },
      '#/providers/a/baseURL: is no name that is known here',
    ],
    [{ defaults: { budget: { dollars: 1 } } }, '#/defaults/budget/dollars: is no name that is known here'],
    [
      { defaults: { request: { maxOutputTokens: 1 } } },
      '#/defaults/request/maxOutputTokens: cannot be written here. It is called `maxTokens`',
    ],
    [{ defaults: { request: { topP: 2 } } }, '#/defaults/request/topP: must be a number from 0 to 1, got 2'],
    [{ prices: { models: {} } }, '#/prices: must have the field date'],
    [
      { prices: { date: '28.11.2026', models: {} } },
      '#/prices/date: must be a day such as 2026-11-28, got "28.11.2026"',
    ],
    [
      { prices: ['a.json', { date: '2026-11-28', models: { m: { input: -1, output: 0 } } }] },
      '#/prices/1/models/m/input: must be a number of at least 0, got -1',
    ],
    [{ tasks: { t: {} } }, '#/tasks/t: must have the field file'],
    [{ imports: './x.ts' }, '#/imports: must be a list, got "./x.ts"'],
    [{ serve: { prot: 1 } }, '#/serve/prot: is no name that is known here. Did you mean `port`?'],
    [{ serve: { limits: { call: 1 } } }, '#/serve/limits/call: is no name that is known here. Did you mean `calls`?'],
    [{ serve: { limits: { calls: 0 } } }, '#/serve/limits/calls: must be an integer of at least 1, got 0'],
    [{ serve: { drainMs: -1 } }, '#/serve/drainMs: must be an integer of at least 0, got -1'],
    [{ serve: { endUser: 'usr' } }, '#/serve/endUser: must be one of "user", "safety_identifier", got "usr"'],
    [{ serve: { logs: { level: 'inf' } } }, 'Did you mean "info"?'],
    [{ serve: { telemetry: { contents: true } } }, '#/serve/telemetry/contents: is no name that is known here'],
    [{ serve: { keys: [] } }, 'Keys are kept in `store`, and made with `plusx keys add`'],
    [{ serve: { port: 70_000 } }, '#/serve/port: must be an integer from 0 to 65535, got 70000'],
  ])('%j', (value, message) => {
    expect(refusal(value)).toContain(message);
  });

  it('nothing that nests without end is walked without end', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = { a: deep };
    expect(refusal(p({ settings: { deep } }))).toContain('may nest lists and objects 32 deep');
    const round: { self?: unknown } = {};
    round.self = round;
    expect(refusal(p({ settings: { round } }))).toContain('may nest lists and objects 32 deep');
  });
});

describe('a key that is written down', () => {
  const KEY = 'sk-proj-0123456789abcdef';
  const at = (field: object): object => ({ providers: { house: { baseURL: 'http://h/v1', ...field } } });
  it.each<[string, object]>([
    ['apiKey', at({ apiKey: KEY })],
    ['token', at({ token: KEY })],
    ['key', at({ key: KEY })],
    ['key.env', at({ key: { env: KEY } })],
    ['key.prefix', at({ key: { env: 'A', prefix: `Bearer ${KEY}` } })],
    ['key.value', at({ key: { env: 'A', value: KEY } })],
    ['a header', at({ headers: { authorization: `Bearer ${KEY}` } })],
    ['an unusual header', at({ headers: { 'x-team': KEY } })],
    ['an address', at({ baseURL: `https://user:${KEY}@h/v1` })],
    ['a broken address', at({ baseURL: `htp://user:${KEY}@h/v1` })],
    ['a setting', at({ settings: { api_key: KEY } })],
    ['a deep setting', at({ settings: { a: [{ clientSecret: KEY }] } })],
    ['a quirk', at({ quirks: { defaults: { access_token: KEY } } })],
    ['an option of a package', { providers: { a: { package: 'p', options: { apiKey: KEY } } } }],
    ['a deep option', { providers: { a: { package: 'p', options: { auth: { private_key: KEY } } } } }],
    ['beside all', { apiKey: KEY }],
    ['as a name', { [KEY]: 1 }],
    ['as a price', { prices: { date: KEY, models: {} } }],
  ])('in %s is refused, and not shown', (_where, value) => {
    const message = refusal(value);
    expect(message).toMatch(/env|variable|is no name|must be|name or a password/);
    expect(message).not.toContain(KEY);
  });

  it.each(['max_tokens', 'maxTokens', 'max_completion_tokens', 'stop_token_count'])('%s is none', (name) => {
    expect(checkConfig(at({ settings: { [name]: 5, other: 'text' } }))).toBeDefined();
  });
});

it('every known provider can be changed, and be what another is like', () => {
  for (const name of Object.keys(PROVIDERS))
    expect(checkConfig({ providers: { [name]: {}, other: { baseURL: 'http://h/v1', like: name } } })).toBeDefined();
});

describe('whatever stands in it', () => {
  const NAMES = [
    'models',
    'providers',
    'defaults',
    'prices',
    'tasks',
    'imports',
    'serve',
    'apiKey',
    'formula',
    'env',
    'key',
    'date',
  ];
  const MORE = [
    'package',
    'options',
    'headers',
    'baseURL',
    'quirks',
    'request',
    'budget',
    'file',
    'mapping',
    '__proto__',
    'toString',
  ];
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(null, true, 0, -1, NaN, '', 'a', 'sk-proj-0123456789abcdef', '\uD800', 'http://h/v1'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...NAMES, ...MORE), fc.string({ unit: 'binary' })), tie('any'), {
        maxKeys: 5,
      }),
    ),
  })).any;

  const saidOf = (given: unknown): string | undefined => {
    try {
      checkConfig(given, FILE);
      return undefined;
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  };

  it('is a configuration, or a refusal in one line with its place, which shows no key', () => {
    const told = new Set<string | undefined>();
    fc.assert(
      fc.property(value, (given) => {
        const said = saidOf(given);
        told.add(said);
        return (
          said === undefined ||
          (/^plusx\.config\.json(?:#\P{Cc}*)?: \P{Cc}+$/u.test(said) &&
            said.isWellFormed() &&
            !said.includes('0123456789abcdef'))
        );
      }),
      { numRuns: 3000 },
    );
    expect(told.has(undefined)).toBe(true);
    expect(told.size).toBeGreaterThan(100);
  });
});
