/** Variables of a `.env` file: the ones that somebody names are taken, and no others. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readBounded } from './files.ts';
import { ConfigError } from './read.ts';
import type { PlusxConfig } from './schema.ts';

export type Environment = { readonly [variable: string]: string | undefined };

export interface WithDotenv {
  /** The environment, and behind it what `.env` adds. */
  readonly env: Environment;
  /** The names that came from the file. */
  readonly taken: readonly string[];
  /** Names that were not taken, or `.env` itself, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** The address of a server, and the variable of the key that is sent there. */
interface Pair {
  readonly key: string;
  readonly url?: string | undefined;
}

const DOTENV_BYTES = 262_144;

/**
 * The environment with what `.env` of a folder adds: the keys and addresses of providers, and the variables that the
 * configuration names. What the environment has already wins. An address is left where its key is in the real environment: a
 * folder that was copied from elsewhere must not send that key to a server of its choice.
 */
export async function withDotenv(env: Environment, folder: string, config: PlusxConfig = {}): Promise<WithDotenv> {
  const file = join(folder, '.env');
  const known = await stat(file).catch(() => undefined);
  if (!known || known.isDirectory()) return { env, taken: [], left: [] };
  // A pipe would be waited for, and what another program keeps there is its own business.
  const text = known.isFile() ? await readBounded(file, DOTENV_BYTES).catch(whyNot) : new Error('it is no plain file');
  if (typeof text !== 'string') return { env, taken: [], left: [{ name: '.env', why: text.message }] };
  const found = parseEnv(text);
  const { pairs, more } = await namedVariables(config);
  const named = new Set([...pairs.flatMap(({ key, url }) => [key, ...(url === undefined ? [] : [url])]), ...more]);
  const added: { [name: string]: string } = {};
  const left: { name: string; why: string }[] = [];
  for (const [name, value] of Object.entries(found)) {
    if (!named.has(name) || value === undefined || value === '' || env[name] !== undefined) continue;
    const pair = pairs.find(({ url }) => url === name);
    if (pair && env[pair.key])
      left.push({ name, why: `${pair.key} is set outside of it: set both in the environment, or both in .env` });
    else added[name] = value;
  }
  return { env: { ...added, ...env }, taken: Object.keys(added), left };
}

/** What keeps the file from being read is told, and stops nobody. */
function whyNot(error: unknown): Error {
  if (error instanceof ConfigError) return error;
  throw error;
}

/** The variables of providers, and those that the configuration names. */
async function namedVariables(config: PlusxConfig): Promise<{ pairs: readonly Pair[]; more: readonly string[] }> {
  const [{ PROVIDERS }, { VENDORS, variablesOfPackage }, { variablesOf }] = await Promise.all([
    import('../models/openai/index.ts'),
    import('../models/installed/index.ts'),
    import('./schema.ts'),
  ]);
  const vendors = Object.values(VENDORS).flatMap(({ key, url }) => (key === undefined ? [] : [{ key, url }]));
  return {
    pairs: [
      { key: 'PLUSX_API_KEY', url: 'PLUSX_BASE_URL' },
      ...Object.values(PROVIDERS).map(({ key, url }) => ({ key, url })),
      ...vendors,
    ],
    more: [
      'PLUSX_MODEL',
      ...Object.keys(VENDORS).flatMap((name) => Object.values(variablesOfPackage(name))),
      ...variablesOf(config),
    ],
  };
}
