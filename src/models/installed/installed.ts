/** `ai-sdk:PACKAGE/MODEL`: any provider of the AI SDK that is installed in the user's own folder, by the name of its package. */
import { readFile } from 'node:fs/promises';
import * as nodeModule from 'node:module'; // by name, an older Node would not even come to say that it is too old
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  InvalidOption,
  MissingKey,
  PlusxError,
  type Json,
  type Model,
  type Price,
  type PromptCache,
} from '../../core/index.ts';
import { fromAiSdk, type AiSdkModelIn } from '../ai-sdk/index.ts';

/** The name of a package in a registry: no path, no address, no version. */
export const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const LONGEST_NAME = 214;

/** The package of a provider is not where it is looked for. */
export class PackageMissing extends PlusxError {
  override readonly kind = 'usage';
  constructor({ name, folder }: { name: string; folder: string }) {
    super(`The package ${name} is not installed in ${folder}. Run \`npm i ${name}\` there.`);
  }
}

/** A model is called by its maker's name, and is reached through a package. */
export class PackageNeeded extends PlusxError {
  override readonly kind = 'usage';
  constructor({ name, instead, package: of }: { name: string; instead: string; package: string }) {
    super(
      `${name} is reached through the package ${of}. Write ${instead}, and run \`npm i ${of}\` where you have not yet.`,
    );
  }
}

export interface InstalledModelOptions {
  /** Where the package is looked for, from here upwards. Default: the current folder. */
  readonly folder?: string | undefined;
  /** Where keys are looked up, such as the environment of the process. */
  readonly env?: { readonly [variable: string]: string | undefined } | undefined;
  /** What the `create...` function of the package is called with, such as `baseURL`. */
  readonly options?: { readonly [option: string]: unknown } | undefined;
  /** Tells this model from others in a journal, without secrets. Default: the options but for keys. */
  readonly identity?: string | undefined;
  /** The name in formulas. Default `ai-sdk:PACKAGE/MODEL`. */
  readonly name?: string | undefined;
  /** In US dollars a token. Without it costs are unknown, and a budget in money refuses the model. */
  readonly price?: Price | undefined;
  /** How often a call that may succeed later is tried again. Default 2. */
  readonly maxRetries?: number | undefined;
  /** Uses the provider's cache of prompts, as `fromAiSdk` says. Default: not. */
  readonly promptCache?: PromptCache | undefined;
}

/** What the packages of the AI SDK are called with, and the variable of each: from `.env` too. Theirs are the same names. */
interface Vendor {
  /** The name by which people call it, such as `anthropic`. */
  readonly short: string;
  readonly key?: string;
  readonly url?: string;
  readonly more?: { readonly [option: string]: string };
}

/** Providers that have a package of the AI SDK, and mostly no protocol of OpenAI's. */
export const VENDORS: { readonly [name: string]: Vendor } = {
  '@ai-sdk/anthropic': { short: 'anthropic', key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL' },
  '@ai-sdk/google': { short: 'google', key: 'GOOGLE_GENERATIVE_AI_API_KEY' },
  '@ai-sdk/google-vertex': {
    short: 'vertex',
    more: { project: 'GOOGLE_VERTEX_PROJECT', location: 'GOOGLE_VERTEX_LOCATION', apiKey: 'GOOGLE_VERTEX_API_KEY' },
  },
  '@ai-sdk/amazon-bedrock': {
    short: 'bedrock',
    more: {
      apiKey: 'AWS_BEARER_TOKEN_BEDROCK',
      region: 'AWS_REGION',
      accessKeyId: 'AWS_ACCESS_KEY_ID',
      secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
      sessionToken: 'AWS_SESSION_TOKEN',
    },
  },
  '@ai-sdk/azure': { short: 'azure', key: 'AZURE_API_KEY', more: { resourceName: 'AZURE_RESOURCE_NAME' } },
  '@ai-sdk/xai': { short: 'xai', key: 'XAI_API_KEY' },
  '@ai-sdk/openai': { short: 'openai', key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL' },
  '@ai-sdk/groq': { short: 'groq', key: 'GROQ_API_KEY' },
  '@ai-sdk/mistral': { short: 'mistral', key: 'MISTRAL_API_KEY' },
  '@ai-sdk/deepseek': { short: 'deepseek', key: 'DEEPSEEK_API_KEY' },
  '@ai-sdk/cohere': { short: 'cohere', key: 'COHERE_API_KEY' },
  '@ai-sdk/perplexity': { short: 'perplexity', key: 'PERPLEXITY_API_KEY' },
  '@ai-sdk/cerebras': { short: 'cerebras', key: 'CEREBRAS_API_KEY' },
  '@ai-sdk/fireworks': { short: 'fireworks', key: 'FIREWORKS_API_KEY' },
  '@ai-sdk/deepinfra': { short: 'deepinfra', key: 'DEEPINFRA_API_KEY' },
  '@ai-sdk/togetherai': { short: 'togetherai', key: 'TOGETHER_API_KEY' },
  '@ai-sdk/vercel': { short: 'vercel', key: 'VERCEL_API_KEY' },
  '@ai-sdk/gateway': { short: 'gateway', key: 'AI_GATEWAY_API_KEY' },
  '@openrouter/ai-sdk-provider': { short: 'openrouter', key: 'OPENROUTER_API_KEY' },
};

/** The variables that the options of a package are taken from. */
export function variablesOfPackage(name: string): { readonly [option: string]: string } {
  const { key, url, more } = Object.hasOwn(VENDORS, name) ? (VENDORS[name] as Vendor) : { key: undefined };
  return { ...(key !== undefined && { apiKey: key }), ...(url !== undefined && { baseURL: url }), ...more };
}

/** `@ai-sdk/anthropic/claude-x` as package and model. Throws InvalidOption where there is no package's name, or no model's. */
export function splitInstalled(text: string): { readonly name: string; readonly model: string } {
  const [, name = '', model = ''] = /^((?:@[^/]*\/)?[^/]*)\/(.+)$/s.exec(text) ?? [];
  if (!model)
    throw new InvalidOption({
      where: 'ai-sdk',
      option: 'model',
      rule: 'must be written ai-sdk:PACKAGE/MODEL, such as ai-sdk:@ai-sdk/anthropic/claude-sonnet-4-5',
      value: text,
    });
  checkName(name);
  return { name, model };
}

function checkName(name: string): void {
  if (PACKAGE_NAME.test(name) && name.length <= LONGEST_NAME && !nodeModule.isBuiltin(name) && name !== 'node_modules')
    return;
  throw new InvalidOption({
    where: 'ai-sdk',
    option: 'package',
    rule: 'must be the name of an npm package, such as @ai-sdk/anthropic',
    value: name,
  });
}

/**
 * A model of a provider package of the AI SDK, such as `installedModel('@ai-sdk/anthropic', 'claude-sonnet-4-5', { env })`. The
 * package is looked for in the folder, and its code is run: never let somebody else choose the name.
 */
export async function installedModel(
  name: string,
  model: string,
  { folder = '.', env = {}, options = {}, identity, ...rest }: InstalledModelOptions = {},
): Promise<Model> {
  checkName(name);
  const shown = rest.name ?? `ai-sdk:${name}/${model}`;
  const variables = variablesOfPackage(name);
  const fromEnv = Object.fromEntries(
    Object.entries(variables).flatMap(([option, variable]) => (env[variable] ? [[option, env[variable]]] : [])),
  );
  const given = { ...fromEnv, ...options };
  const { key } = Object.hasOwn(VENDORS, name) ? (VENDORS[name] as Vendor) : { key: undefined };
  if (key !== undefined && !['apiKey', 'authToken', 'headers', 'fetch', 'tokenProvider'].some((one) => one in given))
    throw new MissingKey({ provider: name, variable: key });
  const provider = await providerIn(await load(name, resolve(folder)), name, given);
  return fromAiSdk(provider(model), {
    name: shown,
    identity: identity ?? `${shown} ${JSON.stringify(plain(given, new Set(Object.keys(variables))))}`,
    price: rest.price,
    maxRetries: rest.maxRetries,
    promptCache: rest.promptCache,
  });
}

/** The options that tell one server from another: addresses and regions, and nothing that may be a key. */
function plain(options: { readonly [option: string]: unknown }, known: ReadonlySet<string>): Json {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      if (typeof value !== 'string' || /key|token|secret|password|credential/i.test(name)) return [];
      if (!/url$/i.test(name)) return known.has(name) || name === 'name' ? [[name, value]] : [];
      return URL.canParse(value) ? [[name, `${new URL(value).origin}${new URL(value).pathname}`]] : [];
    }),
  );
}

type Module = { readonly [name: string]: unknown };

/** What a package exports, found from a folder upwards as Node does. */
async function load(name: string, folder: string): Promise<Module> {
  const manifest = manifestOf(name, folder);
  if (manifest === undefined) throw new PackageMissing({ name, folder });
  const root = dirname(manifest);
  const { exports, main } = JSON.parse(await readFile(manifest, 'utf8')) as {
    readonly exports?: unknown;
    readonly main?: unknown;
  };
  const target = exports === undefined ? (typeof main === 'string' ? main : 'index.js') : entryIn(exports);
  const file = target === undefined ? undefined : resolve(root, target);
  if (file === undefined || relative(root, file).split(sep)[0] === '..') throw useless(name, 'has no entry');
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(file).href)) as Module;
  } catch (error) {
    throw useless(name, `does not load: ${String(error).replaceAll(/\s+/g, ' ').slice(0, 300)}`);
  }
}

function manifestOf(name: string, folder: string): string | undefined {
  try {
    return nodeModule.findPackageJSON(name, pathToFileURL(join(folder, 'plusx.js')));
  } catch {
    return undefined;
  }
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default']);

/** The file behind the main entry of `exports`, as an `import` in Node finds it. */
function entryIn(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(entryIn).find((one) => one !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  if ('.' in exports) return entryIn(exports['.']);
  for (const [condition, target] of Object.entries(exports)) {
    const found = CONDITIONS.has(condition) ? entryIn(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** From the id of a model to the model: made by the `create...` function of the package, or by the provider that it exports. */
async function providerIn(module: Module, name: string, options: object): Promise<(model: string) => AiSdkModelIn> {
  const created = factoryIn(module, name);
  const provider: unknown = created ? created(options) : Object.values(module).find(isProvider);
  if (!isProvider(provider)) throw useless(name, 'exports no provider of language models');
  const make = 'languageModel' in provider ? (provider.languageModel as Make) : (provider as unknown as Make);
  return (model) => make.call(provider, model);
}

type Make = (model: string) => AiSdkModelIn;
type Factory = (options: object) => unknown;

/** The one `create...` function; of several, the one that is called like the package. */
function factoryIn(module: Module, name: string): Factory | undefined {
  const factories = Object.entries(module).filter(
    (entry): entry is [string, Factory] => /^create[A-Z]/.test(entry[0]) && typeof entry[1] === 'function',
  );
  const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const own = letters(name.slice(name.lastIndexOf('/') + 1));
  const [, found] =
    factories.find(([factory]) => letters(factory.slice('create'.length)) === own) ??
    factories.find(([factory]) => own.includes(letters(factory.slice('create'.length)))) ??
    factories[0] ??
    [];
  return found;
}

function isProvider(value: unknown): value is object {
  if (typeof value === 'function') return 'languageModel' in value || 'specificationVersion' in value;
  return typeof value === 'object' && value !== null && 'languageModel' in value;
}

function useless(name: string, why: string): InvalidOption {
  return new InvalidOption({
    where: 'ai-sdk',
    option: name,
    rule: why,
    hint: 'It must be a provider package of the AI SDK, such as @ai-sdk/anthropic',
  });
}
