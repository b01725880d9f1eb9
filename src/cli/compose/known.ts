/** What `plusx probe` found of servers, kept in a file, for every verb that calls them afterwards. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Model } from '../../core/index.ts';
import type { Known } from '../../models/openai/index.ts';
import { UsageError } from '../failure.ts';

/** Where it is kept unless another file is named. */
export const KNOWN_FILE = '.plusx/servers.json';

/** A model as it was found to be, where it was probed. */
export async function asFound(model: Model, env: { readonly [name: string]: string | undefined }): Promise<Model> {
  const { knowing } = await import('../../models/openai/index.ts');
  return knowing(model, await readServers(env['PLUSX_SERVERS'] || KNOWN_FILE));
}

/** What a file holds; nothing where there is none. */
export async function readServers(file: string): Promise<Known[]> {
  const { readKnown } = await import('../../models/openai/index.ts');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{"servers":[]}';
    throw error;
  });
  let servers: unknown;
  try {
    ({ servers } = JSON.parse(text) as { servers?: unknown });
  } catch {
    servers = undefined;
  }
  if (!Array.isArray(servers))
    throw new UsageError(`${file} is not what plusx probe writes. Delete it, and probe again.`);
  return servers.flatMap((one) => readKnown(one) ?? []);
}

/** Keeps what was found in the place of what was known before. The file is for its owner only, and never half written. */
export async function keepServer(file: string, known: Known): Promise<void> {
  const before = await readServers(file);
  const isOther = ({ server, model, api }: Known): boolean =>
    server !== known.server || model !== known.model || api !== known.api;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ servers: [...before.filter(isOther), known] }, null, 2)}\n`;
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
