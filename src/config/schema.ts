/** What a configuration may say, and how it is checked: one schema for the command line, the library and the server. */
import { PROMPT_CACHES, type Json, type Limits, type Model, type PromptCache } from '../core/index.ts';
import { PACKAGE_NAME } from '../models/installed/index.ts';
import { PROVIDERS, type Quirks } from '../models/openai/index.ts';
import type { Task } from '../tasks/index.ts';
import { checkPriceList, type PriceList } from './prices.ts';
import {
  fields,
  flag,
  integer,
  json,
  list,
  number,
  oneOf,
  refuse,
  table,
  text,
  whole,
  type Place,
  type Read,
} from './read.ts';
import { readServe, type ServeConfig } from './serve.ts';
import {
  FAILURE_KINDS,
  isFailureKind,
  type FailureKind,
  type HedgeConfig,
  type StandbyConfig,
} from './standby/index.ts';

export interface PlusxConfig {
  /** For editors. Nothing reads it. */
  readonly $schema?: string | undefined;
  /** Models by name: `-m careful` on the command line, `careful` in a formula, the model id of a request to the server. */
  readonly models?: { readonly [name: string]: string | NamedModel | Model } | undefined;
  /** Servers and AI SDK packages by name, for models called `name/MODEL`. A known provider's name changes that provider. */
  readonly providers?: { readonly [name: string]: ProviderConfig } | undefined;
  readonly defaults?: Defaults | undefined;
  /** Files of prices, or prices themselves; the first that knows a model counts. */
  readonly prices?: string | PriceList | readonly (string | PriceList)[] | undefined;
  /** Tasks by name: `plusx eval orders`. */
  readonly tasks?: { readonly [name: string]: string | TaskConfig | Task } | undefined;
  /** Own modules, each loaded as with `--import`. Only in TypeScript and JavaScript: a JSON file runs no code. */
  readonly imports?: readonly string[] | undefined;
  /** The server: `plusx serve`. */
  readonly serve?: ServeConfig | undefined;
}

/** A formula, and what is to be said of it. */
export interface NamedModel {
  /** Such as `openai/gpt-5-mini + selfConsistency(n=5)`. It may name other models of the configuration. */
  readonly formula: string;
  /** A line for `plusx models`. */
  readonly about?: string | undefined;
  /** Who is asked where it fails, in this order. */
  readonly fallback?: readonly StandbyConfig[] | undefined;
  /** Who is asked as well where it is late. */
  readonly hedge?: HedgeConfig | undefined;
}

/** Settings of each request, by the names that they have in formulas and on the command line. */
export interface RequestDefaults {
  /** Instructions that stand before the question. */
  readonly system?: string | undefined;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly reasoning?: string | undefined;
}

/** What holds where the command line says nothing else. */
export interface Defaults {
  /** A formula, or a name. */
  readonly model?: string | undefined;
  readonly request?: RequestDefaults | undefined;
  /** The file that keeps every call. */
  readonly store?: string | undefined;
  /** The file of notes and documents. */
  readonly memory?: string | undefined;
  readonly budget?: Limits | undefined;
}

/** A variable of the environment or of `.env`. A secret is never written down, it is named. */
export interface Variable {
  readonly env: string;
  /** What stands before its value, such as `Bearer `. */
  readonly prefix?: string | undefined;
  /** Whether it may be absent. Default false. */
  readonly optional?: boolean | undefined;
}

export type ProviderConfig = ServerProvider | PackageProvider;

/** A server that speaks OpenAI's protocol. */
export interface ServerProvider {
  readonly baseURL?: string | undefined;
  /** The variable that holds the key. Default: no key, or that of the known provider of this name. */
  readonly key?: Variable | undefined;
  readonly headers?: { readonly [header: string]: string | Variable } | undefined;
  /** The known provider that it is like, such as `vllm`: its quirks and neutral settings hold here too. */
  readonly like?: string | undefined;
  readonly api?: 'chat' | 'completions' | undefined;
  readonly quirks?: Quirks | undefined;
  /** Fields sent with every request. */
  readonly settings?: { readonly [field: string]: Json } | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxRetries?: number | undefined;
  /** Uses its cache of prompts: of what stands before the last message, or of the whole prompt. Default: not. */
  readonly promptCache?: PromptCache | undefined;
}

/** A provider package of the AI SDK, installed where the configuration is. */
export interface PackageProvider {
  /** Such as `@ai-sdk/anthropic`. */
  readonly package: string;
  /** What its `create...` function is called with, such as `baseURL`. A secret is named: `{ "apiKey": { "env": "NAME" } }`. */
  readonly options?: { readonly [option: string]: Json | Variable } | undefined;
  /** Uses its cache of prompts: of what stands before the last message, or of the whole prompt. Default: not. */
  readonly promptCache?: PromptCache | undefined;
}

/** A file of questions, and how it is read and graded. */
export interface TaskConfig {
  /** As on the command line: a file, or `gsm8k:FILE`. */
  readonly file: string;
  /** Which fields or columns of the file are the question, the expected answer and the id. */
  readonly mapping?: TaskMapping | undefined;
  /** The name of a metric. */
  readonly metric?: string | undefined;
  /** The model of the metric `judge`. */
  readonly judge?: string | undefined;
  /** The field or column of a group: items that share it count as one in intervals. */
  readonly group?: string | undefined;
  /** The field or column of the tags: results are told by tag as well. */
  readonly tags?: string | undefined;
}

export interface TaskMapping {
  readonly input?: string | undefined;
  readonly expected?: string | undefined;
  readonly id?: string | undefined;
}

/** Types the object of `plusx.config.ts`: `export default defineConfig({ ... })`. */
export function defineConfig(config: PlusxConfig): PlusxConfig {
  return config;
}

const NAME = text({
  rule: 'must be a name of letters, digits, ".", "_" and "-" that begins with a letter, at most 64',
  matches: /^[A-Za-z][\w.-]{0,63}$/,
  shown: false,
});

const TAKEN = new Set(['enumerable', 'server', 'plusx', 'ai-sdk', 'pool', 'recorded', 'gguf', 'true', 'false', 'null']);

/** A name of the writer's own, that none of ours has. */
const ownName: Read<string> = (value, place) =>
  TAKEN.has(NAME(value, place)) ? refuse(place, 'is a name that plusx has already. Choose another') : String(value);

const ENV_NAME = text({
  rule: 'must be the name of a variable, such as OPENAI_API_KEY',
  matches: /^[A-Za-z_]\w{0,127}$/,
  shown: false,
});

const VARIABLE = fields<Variable>(
  {
    env: ENV_NAME,
    prefix: text({ rule: 'must be a word such as "Bearer "', matches: /^[A-Za-z-]{1,32}[ =:]$/, shown: false }),
    optional: flag,
  },
  { required: ['env'] },
);

const variable: Read<Variable> = (value, place) => (isVariable(value) ? VARIABLE(value, place) : keyRefused(place));

const isVariable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'env' in value && typeof value.env === 'string';

function keyRefused(place: Place): never {
  return refuse(place, 'must name a variable: a key is never written down', {
    hint: 'Write { "env": "NAME" }, and put the key into the environment or into .env',
    shown: false,
  });
}

/** Headers that say what is sent and who sends it. All others may hold a key. */
const PLAIN_HEADER =
  /^(?:accept|accept-language|content-type|user-agent|http-referer|referer|x-title|openai-organization|openai-project|[\w-]*-(?:version|beta|region))$/i;

const header: Read<string | Variable> = (value, place) => {
  if (isVariable(value)) return variable(value, place);
  if (!PLAIN_HEADER.test(place.name)) return variable(value, place);
  return text({ rule: 'must be a text on one line', matches: /^[\t\x20-\x7E]+$/, most: 8192, shown: false })(
    value,
    place,
  );
};

const HEADER_NAME = text({ rule: 'must be the name of a header', matches: /^[\w!#$%&'*+.^`|~-]{1,128}$/ });

/** A field or an option whose name says that it is a secret. */
const SECRET_NAME = /(?:api_?key|secret|token|password|credential|private_?key|authorization)s?$/i;
const NO_SECRET = /max_?tokens|(?:prompt|completion|output|input|reasoning|thinking)_?tokens?$/i;
const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !NO_SECRET.test(name);

/** Data that holds no secret under a name that says it is one. */
const setting: Read<Json> = json((value, place) =>
  typeof value === 'string' && isSecretName(place.name) ? keyRefused(place) : undefined,
);

/** Data in which any value may be a variable. */
const optionValue: Read<Json | Variable> = json((value, place) => {
  if (isVariable(value)) return { ...VARIABLE(value, place) };
  return typeof value === 'string' && isSecretName(place.name) ? keyRefused(place) : undefined;
});

/** An http(s) address without credentials in it. */
const address: Read<string> = (value, place) => {
  const rule = 'must be an http(s) address such as http://127.0.0.1:8000/v1';
  const url = text({ rule, most: 4096, shown: false })(value, place);
  if (!URL.canParse(url) || !/^https?:/.test(url))
    return refuse(place, rule, { value: /[@?]/.test(url) ? undefined : url });
  const { username, password } = new URL(url);
  return username || password
    ? refuse(place, 'may not hold a name or a password', {
        hint: 'Name the variable of the key: "key": { "env": "NAME" }',
      })
    : url;
};

const INSTEAD_OF_KEY = {
  apiKey: 'Name the variable that holds it: "key": { "env": "NAME" }',
  api_key: 'Name the variable that holds it: "key": { "env": "NAME" }',
  token: 'Name the variable that holds it: "key": { "env": "NAME" }',
  url: 'It is called `baseURL`',
};

const QUIRKS = fields<Quirks>({
  n: flag,
  seed: (value, place) => (value === false ? false : text()(value, place)),
  maxTokens: oneOf(['max_tokens', 'max_completion_tokens']),
  logprobs: flag,
  score: oneOf(['echo', 'prompt_logprobs']),
  prefix: oneOf(['continue_final_message', 'trailing']),
  repeatsPrefix: flag,
  neutral: flag,
  countsEnd: flag,
  listsEnd: flag,
  topK: flag,
  jsonSchema: (value, place) =>
    value === true || value === false || value === 'json_object' || value === 'json_schema'
      ? value
      : refuse(place, 'must be true, false, "json_object" or "json_schema"', { value }),
  reasoning: oneOf(['reasoning_effort', 'reasoning']),
  reasoningField: oneOf(['reasoning_content', 'reasoning']),
  streamUsage: flag,
  defaults: table(setting, { most: 100 }),
  responses: flag,
  bill: flag,
  served: text(),
});

const SERVER = fields<ServerProvider>(
  {
    baseURL: address,
    key: variable,
    headers: table(header, { name: HEADER_NAME, most: 100 }),
    like: (value, place) => oneOf(Object.keys(PROVIDERS))(value, place),
    api: oneOf(['chat', 'completions']),
    quirks: QUIRKS,
    settings: table(setting, { most: 100 }),
    timeoutMs: number({ min: 1 }),
    maxRetries: integer({ max: 100 }),
    promptCache: oneOf(PROMPT_CACHES),
  },
  { instead: INSTEAD_OF_KEY },
);

const PACKAGE = fields<PackageProvider>(
  {
    package: text({
      rule: 'must be the name of an npm package, such as @ai-sdk/anthropic',
      matches: PACKAGE_NAME,
      most: 214,
    }),
    options: table(optionValue, { most: 100 }),
    promptCache: oneOf(PROMPT_CACHES),
  },
  { required: ['package'], instead: { key: 'Write it among the options: "options": { "apiKey": { "env": "NAME" } }' } },
);

const provider: Read<ProviderConfig> = (value, place) => {
  if (typeof value === 'object' && value !== null && 'package' in value) return PACKAGE(value, place);
  const read = SERVER(value, place);
  return read.baseURL === undefined && !Object.hasOwn(PROVIDERS, place.name)
    ? refuse(place, 'must have a baseURL, or a package of the AI SDK')
    : read;
};

const REQUEST = fields<RequestDefaults>(
  {
    system: text(),
    temperature: number({ min: 0 }),
    maxTokens: integer({ min: 1 }),
    topP: number({ min: 0, max: 1 }),
    stop: list(text(), { most: 100 }),
    reasoning: text({ most: 64 }),
  },
  { instead: { maxOutputTokens: 'It is called `maxTokens`', stopSequences: 'It is called `stop`' } },
);

const LIMITS = fields<Limits>({
  calls: number({ min: 0 }),
  tokens: number({ min: 0 }),
  usd: number({ min: 0 }),
  ms: number({ min: 0 }),
});

const FILE = text({ rule: 'must be the path of a file', most: 4096, matches: /^[^\0]+$/ });

const failure: Read<FailureKind> = (value, place) =>
  isFailureKind(value)
    ? value
    : refuse(place, `must be a status such as 429, or one of ${FAILURE_KINDS.join(', ')}`, { value });

const NAMED = fields<NamedModel>(
  {
    formula: text(),
    about: text({ most: 1000 }),
    fallback: list(fields<StandbyConfig>({ to: text(), on: list(failure, { most: 20 }) }, { required: ['to'] }), {
      most: 20,
    }),
    hedge: fields<HedgeConfig>(
      {
        with: list(text(), { most: 20 }),
        afterMs: number({ min: 0, max: 600_000 }),
        quorum: integer({ min: 1, max: 20 }),
        graceMs: number({ min: 0, max: 600_000 }),
      },
      { required: ['with'] },
    ),
  },
  { required: ['formula'] },
);

const model: Read<string | NamedModel | Model> = (value, place) => {
  if (typeof value === 'string') return text()(value, place);
  if (isModel(value)) return value;
  return NAMED(value, place);
};

const METRIC: Read<string> = text({ rule: 'must be the name of a metric', most: 128 });

const TASK = fields<TaskConfig>(
  {
    file: FILE,
    mapping: fields<TaskMapping>({ input: text(), expected: text(), id: text() }),
    metric: METRIC,
    judge: text(),
    group: text(),
    tags: text(),
  },
  { required: ['file'] },
);

const task: Read<string | TaskConfig | Task> = (value, place) => {
  if (typeof value === 'string') return FILE(value, place);
  if (typeof value === 'object' && value !== null && 'items' in value && 'metric' in value) return value as Task;
  return TASK(value, place);
};

const priceSource: Read<string | PriceList> = (value, place) =>
  typeof value === 'string' ? FILE(value, place) : checkPriceList(value, place);

const CONFIG = fields<PlusxConfig>(
  {
    $schema: text(),
    models: table(model, { name: ownName, most: 1000 }),
    providers: table(provider, { name: ownName, most: 1000 }),
    defaults: fields<Defaults>({ model: text(), request: REQUEST, store: FILE, memory: FILE, budget: LIMITS }),
    prices: (value, place) =>
      Array.isArray(value) ? list(priceSource, { most: 100 })(value, place) : priceSource(value, place),
    tasks: table(task, { name: ownName, most: 1000 }),
    imports: list(FILE, { most: 100 }),
    serve: readServe,
  },
  {
    instead: {
      model: 'The model where none is named is `defaults.model`; named ones stand in `models`',
      apiKey:
        'A key belongs to a provider, which names its variable: "providers": { "NAME": { "key": { "env": "VARIABLE" } } }',
    },
  },
);

/** Checks a configuration as it came out of a file. Throws ConfigError with the place of the first thing that is wrong. */
export function checkConfig(value: unknown, file = 'configuration'): PlusxConfig {
  return CONFIG(value, whole(file));
}

/** Whether a value of `models` is a model, and no text about one. */
export function isModel(value: unknown): value is Model {
  return typeof value === 'object' && value !== null && 'sample' in value && typeof value.sample === 'function';
}

/** Every variable that a configuration names: of `.env`, these may be taken. */
export function variablesOf({ providers = {}, serve }: PlusxConfig): string[] {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('env' in value && typeof value.env === 'string') names.add(value.env);
    for (const item of Object.values(value)) walk(item);
  };
  for (const provider of Object.values(providers))
    walk('package' in provider ? provider.options : [provider.key, provider.headers]);
  walk(serve);
  return [...names];
}
