/** Variables of a `.env` file: the ones that somebody names are taken, and no others. */
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { PROVIDERS } from '../models/openai/index.ts';
import { readBounded } from './files.ts';
import { variablesOf, type PlusxConfig } from './schema.ts';

export type Environment = { readonly [variable: string]: string | undefined };

export interface WithDotenv {
  /** The environment, and behind it what `.env` adds. */
  readonly env: Environment;
  /** The names that came from the file. */
  readonly taken: readonly string[];
  /** Names that were not taken, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** The address of a server, and the variable of the key that is sent there. */
interface Pair {
  readonly key: string;
  readonly url: string;
}

const PAIRS: readonly Pair[] = [
  { key: 'PLUSX_API_KEY', url: 'PLUSX_BASE_URL' },
  ...Object.values(PROVIDERS).map(({ key, url }) => ({ key, url })),
];

const DOTENV_BYTES = 262_144;

/**
 * The environment with what `.env` of a folder adds: the keys and addresses of providers, and the variables that the
 * configuration names. What the environment has already wins. An address is left where its key is in the real environment: a
 * folder that was copied from elsewhere must not send that key to a server of its choice.
 */
export async function withDotenv(env: Environment, folder: string, config: PlusxConfig = {}): Promise<WithDotenv> {
  const file = join(folder, '.env');
  const text = await readBounded(file, DOTENV_BYTES).catch((error: unknown) => {
    if (error instanceof Error && /no such file|is a folder/.test(error.message)) return '';
    throw error;
  });
  const found = parseEnv(text);
  const known = new Set(['PLUSX_MODEL', ...PAIRS.flatMap(({ key, url }) => [key, url]), ...variablesOf(config)]);
  const added: { [name: string]: string } = {};
  const left: { name: string; why: string }[] = [];
  for (const [name, value] of Object.entries(found)) {
    if (!known.has(name) || value === undefined || value === '' || env[name] !== undefined) continue;
    const pair = PAIRS.find(({ url }) => url === name);
    if (pair && env[pair.key])
      left.push({ name, why: `${pair.key} is set outside of it: set both in the environment, or both in .env` });
    else added[name] = value;
  }
  return { env: { ...added, ...env }, taken: Object.keys(added), left };
}
