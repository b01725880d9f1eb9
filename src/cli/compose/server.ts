/** The server of PLUSX_BASE_URL: any that speaks OpenAI's protocol. */
import { shownAddress } from '../../core/calls/secrets.ts';
import { MalformedReply, type Model, type Price } from '../../core/index.ts';
import type { Connect } from '../../models/openai/index.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Environment = Terminal['env'];

const PATIENCE_MS = 5000;

/** One of the server's models. */
export async function serverModel(
  id: string,
  env: Environment,
  {
    price,
    api,
    connect = (settings) => settings,
  }: {
    readonly price?: Price | undefined;
    readonly api?: 'chat' | 'completions' | undefined;
    readonly connect?: Connect | undefined;
  } = {},
): Promise<Model> {
  const { openaiCompatible } = await import('../../models/openai/index.ts');
  const settings = {
    model: id,
    name: `server/${id}`,
    baseURL: addressOf(env),
    apiKey: env['PLUSX_API_KEY'] || undefined,
    price,
    api,
    hint: advice,
  };
  return openaiCompatible(connect(settings));
}

/**
 * The model used where none is named: that of the configuration, PLUSX_MODEL, or the first one the server has. Nothing where
 * neither is set.
 */
export async function defaultModel({
  env,
  signal,
  loaded,
}: Pick<Terminal, 'env' | 'signal' | 'loaded'>): Promise<string | undefined> {
  const configured = loaded?.config.defaults?.model;
  if (configured !== undefined) return configured;
  if (!env['PLUSX_BASE_URL']) return undefined;
  if (env['PLUSX_MODEL']) return `server/${env['PLUSX_MODEL']}`;
  const [first] = await served(env, signal);
  if (first === undefined)
    throw new UsageError(
      'The server of PLUSX_BASE_URL lists no model. Name one in PLUSX_MODEL or with --model server/NAME.',
    );
  return `server/${first}`;
}

/** Ids of the server's models, as it lists them. */
export async function served(env: Environment, signal: AbortSignal): Promise<string[]> {
  const { cleanText, endpoint, secretsOf } = await import('../../core/calls/secrets.ts');
  const { getJson } = await import('../../models/http/index.ts');
  const { address, shown, authorization: basic, secrets } = endpoint(addressOf(env));
  const key = env['PLUSX_API_KEY'];
  const authorization = key ? `Bearer ${key}` : basic;
  const headers = authorization ? { authorization } : undefined;
  const hidden = [...secretsOf(headers ?? {}), ...secrets];
  const url = `${shown}/models`;
  const body = await getJson(
    {
      url: address('/models'),
      shown: url,
      headers: headers ?? {},
      secrets: hidden,
      fetch,
      setBy: 'PLUSX_BASE_URL',
      hint: (status) => advice(status) ?? 'Name a model in PLUSX_MODEL',
    },
    { signal, timeoutMs: PATIENCE_MS },
  );
  const ids = idsIn(body);
  if (ids) return ids;
  throw new MalformedReply({
    url,
    why: 'no list of models',
    body: cleanText(JSON.stringify(body), hidden),
    hint: 'Name one in PLUSX_MODEL',
  });
}

/** The ids in a list of models. */
function idsIn(body: unknown): string[] | undefined {
  const list: unknown = typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string' ? [item.id] : [],
  );
}

function addressOf(env: Environment): string {
  const address = env['PLUSX_BASE_URL'];
  if (!address)
    throw new UsageError(
      'server/NAME is a model of the server at PLUSX_BASE_URL. Set it, such as to http://127.0.0.1:8000/v1.',
    );
  if (!URL.canParse(address) || !/^https?:/.test(address))
    throw new UsageError(
      `PLUSX_BASE_URL must be an http(s) address such as http://127.0.0.1:8000/v1, got ${JSON.stringify(shownAddress(address))}.`,
    );
  return address;
}

function advice(status: number): string | undefined {
  if (status === 401 || status === 403) return 'Check PLUSX_API_KEY';
  return status === 404
    ? 'Check the name of the model, and that PLUSX_BASE_URL ends where /chat/completions begins, often in /v1'
    : undefined;
}
