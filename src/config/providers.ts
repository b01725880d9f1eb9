/** Models of the providers that a configuration describes: servers of OpenAI's protocol, and packages of the AI SDK. */
import { MissingKey, type Model, type Price, type PromptCache } from '../core/index.ts';
import { installedModel } from '../models/installed/index.ts';
import { openaiCompatible, PROVIDERS, type Connect } from '../models/openai/index.ts';
import type { PackageProvider, ServerProvider, Variable } from './schema.ts';
import type { Environment } from './variables.ts';

interface Settings {
  readonly env: Environment;
  readonly price?: Price | undefined;
  /** Where the provider says nothing of it. */
  readonly promptCache?: PromptCache | undefined;
}

interface ServerSettings extends Settings {
  readonly api?: 'chat' | 'completions' | undefined;
  readonly connect?: Connect | undefined;
}

/** The model `id` of a server that the configuration calls `name`. */
export function modelOfServer(
  name: string,
  id: string,
  provider: ServerProvider,
  { env, price, promptCache, api = 'chat', connect = (made) => made }: ServerSettings,
): Model {
  const { baseURL, key, like = name, headers = {}, settings, timeoutMs, maxRetries } = provider;
  const known = Object.hasOwn(PROVIDERS, like) ? PROVIDERS[like] : undefined;
  const itself = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  const endpoint = provider.api ?? api;
  const apiKey = key ? valueOf(key, name, env) : itself && (env[itself.key] || undefined);
  if (apiKey === undefined && !key && itself && !itself.keyOptional && baseURL === undefined)
    throw new MissingKey({ provider: name, variable: itself.key });
  const made = {
    model: id,
    name: `${name}/${id}`,
    provider: name,
    baseURL: baseURL ?? (itself ? env[itself.url] || itself.baseURL : ''),
    apiKey,
    api: endpoint,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([header, value]) => {
        const said = typeof value === 'string' ? value : valueOf(value, name, env);
        return said === undefined ? [] : [[header, said]];
      }),
    ),
    settings,
    timeoutMs,
    price,
    promptCache: provider.promptCache ?? promptCache,
    quirks: { ...known?.quirks(id, endpoint), ...provider.quirks },
    ...(maxRetries !== undefined && { retry: { attempts: maxRetries + 1 } }),
    hint: (status: number) => (status === 401 || status === 403 ? `Check the key of ${name}` : undefined),
  };
  return openaiCompatible(connect(made));
}

/** The model `id` of a package that the configuration calls `name`, looked for in its folder. */
export function modelOfPackage(
  name: string,
  id: string,
  { package: of, options = {}, promptCache: own }: PackageProvider,
  { env, price, promptCache, folder }: Settings & { readonly folder: string },
): Promise<Model> {
  return installedModel(of, id, {
    folder,
    env,
    options: filled(options, name, env) as { readonly [option: string]: unknown },
    // Variables stand in it by their names.
    identity: `${name}/${id} ${of} ${JSON.stringify(options)}`,
    name: `${name}/${id}`,
    price,
    promptCache: own ?? promptCache,
  });
}

/** The value of a variable, with what stands before it. Throws MissingKey where it must be there and is not. */
function valueOf(
  { env: variable, prefix = '', optional }: Variable,
  name: string,
  env: Environment,
): string | undefined {
  const value = env[variable];
  if (value) return `${prefix}${value}`;
  if (optional) return undefined;
  throw new MissingKey({ provider: name, variable });
}

/** The options of a package, each variable in them replaced by its value. */
function filled(value: unknown, name: string, env: Environment): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => filled(item, name, env));
  if ('env' in value && typeof value.env === 'string') return valueOf(value as Variable, name, env);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, name, env)]));
}
