/** Models by name: `plusx:tiny`, `enumerable`, `pool:FILE`, `recorded:FILE`, `gguf:FILE`, `gguf:ADDRESS`, `PROVIDER/MODEL`, and `server/MODEL` at PLUSX_BASE_URL. */
import type { LoadedModel, Models, OpenModelsOptions } from '../../config/models.ts';
import type { Model } from '../../core/index.ts';
import type { GgufOptions } from '../../models/gguf/index.ts';
import { UsageError } from '../failure.ts';
import { asFound } from './known.ts';
import { serverModel } from './server.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const BUILT_IN = 'enumerable';
export const TINY = 'plusx:tiny';
export const SCHEMES = ['pool', 'recorded', 'gguf'];
export const SERVER = 'server';

/** How models are opened. */
export interface OpenedAs extends Pick<OpenModelsOptions, 'api' | 'price' | 'promptCache' | 'scope' | 'connect'> {
  /** A file of prices by model. */
  readonly prices?: string | undefined;
  /** Without what a probe found before. */
  readonly asIs?: boolean;
  /** How a local file samples where a request says nothing. */
  readonly defaults?: GgufOptions['defaults'];
  /** The name that --model gives, which alone may fetch a file. */
  readonly fetches?: string | undefined;
  /** Models of the user's own, by the names of what a module exports. */
  readonly own?: { readonly [name: string]: LoadedModel } | undefined;
}

/** The models that can be named here: those of the configuration, of its providers, of packages, files and servers. */
export async function modelsOf(
  terminal: Terminal,
  { asIs = false, prices, defaults, fetches, own = {}, ...how }: OpenedAs = {},
): Promise<Models> {
  const { env, loaded } = terminal;
  const { openModels } = await import('../../config/models.ts');
  const found = asIs ? undefined : (model: Model): Promise<Model> => asFound(model, env);
  const options = { env, asFound: found, ...(prices !== undefined && { prices: [prices] }), ...how };
  return openModels(loaded, {
    ...options,
    own: async (name, price) =>
      Object.hasOwn(own, name) ? own[name] : ownModel(name, terminal, { ...how, asIs, price, defaults, fetches }),
  });
}

/** The names that only the command line has. */
export async function ownModel(
  name: string,
  terminal: Terminal,
  { asIs, api, price, defaults, fetches, connect }: OpenedAs = {},
): Promise<LoadedModel | undefined> {
  const { env } = terminal;
  if (name === BUILT_IN)
    return { model: (await import('../demo/illustration.ts')).illustration(), finite: true, free: true };
  const [, scheme] = /^(pool|recorded|gguf):$/.exec(name) ?? [];
  if (scheme !== undefined) throw new UsageError(`${name} names no file. Write ${scheme}:FILE.`);
  const [, local] = /^gguf:(.+)$/s.exec(name) ?? [];
  if (local !== undefined) {
    const { openLocal } = await import('./local.ts');
    return {
      model: await openLocal(local, terminal, { defaults, download: name === fetches }),
      finite: false,
      free: true,
    };
  }
  if (!name.startsWith(`${SERVER}/`) || name.length <= SERVER.length + 1) return undefined;
  const model = await serverModel(name.slice(SERVER.length + 1), env, { price, api, connect });
  return { model: asIs ? model : await asFound(model, env), finite: false, free: false };
}

/** Names to suggest where `name` is misspelt: the fixed ones, and its own with another provider or scheme before it. */
export function namesLike(name: string, models: Models): string[] {
  const [, model] = /^[^/]*\/(.+)$/s.exec(name) ?? [];
  const [, file] = /^[^:]*:(.+)$/s.exec(name) ?? [];
  return [
    BUILT_IN,
    ...models.like(name),
    ...(model === undefined ? [] : [`${SERVER}/${model}`]),
    ...(file === undefined ? [] : SCHEMES.map((scheme) => `${scheme}:${file}`)),
  ];
}
