/** Models by name: `plusx:tiny`, `enumerable`, `pool:FILE`, `recorded:FILE`, `gguf:FILE`, `PROVIDER/MODEL`, and `server/MODEL` at PLUSX_BASE_URL. */
import type { Model, Price } from '../../core/index.ts';
import { UsageError } from '../failure.ts';
import { asFound } from './known.ts';
import { serverModel } from './server.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Loaded {
  readonly model: Model;
  /** Whether it is a finite distribution whose every answer can be visited. */
  readonly finite: boolean;
  /** Whether it runs here or is played back, so that no call of it is billed. */
  readonly free: boolean;
}

type Environment = Terminal['env'];

export const BUILT_IN = 'enumerable';
export const TINY = 'plusx:tiny';
export const SCHEMES = ['pool', 'recorded', 'gguf'];
export const SERVER = 'server';

/** How a model of a server is opened. */
export interface ServedAs {
  readonly api?: 'chat' | 'completions' | undefined;
  /** Without what a probe found before. */
  readonly asIs?: boolean;
}

/** The model of a name, or nothing. Throws where the name is known and something else is missing. */
export async function loadModel(
  name: string,
  env: Environment,
  price?: Price,
  { api, asIs = false }: ServedAs = {},
): Promise<Loaded | undefined> {
  if (name === BUILT_IN)
    return { model: (await import('../demo/illustration.ts')).illustration(), finite: true, free: true };
  if (name === TINY) return { model: (await import('../../models/tiny/index.ts')).tiny(), finite: false, free: true };
  const [, scheme, file] = /^(pool|recorded|gguf):(.*)$/s.exec(name) ?? [];
  if (scheme !== undefined && !file) throw new UsageError(`${name} names no file. Write ${scheme}:FILE.`);
  if (scheme === 'pool') {
    const { loadPool, poolModel } = await import('../../models/pool/index.ts');
    return { model: poolModel(await loadPool(file as string)), finite: true, free: true };
  }
  if (scheme === 'recorded') {
    const { recorded } = await import('../../models/recorded/index.ts');
    return { model: recorded(file as string), finite: false, free: true };
  }
  if (scheme === 'gguf') {
    const { gguf } = await import('../../models/gguf/index.ts');
    return { model: await gguf(file as string), finite: false, free: true };
  }
  if (!/^[^/]+\/./.test(name)) return undefined;
  if (name.startsWith(`${SERVER}/`)) {
    const model = await serverModel(name.slice(SERVER.length + 1), env, { price, api });
    return { model: asIs ? model : await asFound(model, env), finite: false, free: false };
  }
  const { modelNamed } = await import('../../models/openai/index.ts');
  const model = modelNamed(name, { env, ...(price && { price }), ...(api && { api }) });
  return model && { model: asIs ? model : await asFound(model, env), finite: false, free: false };
}

/** Names to suggest where `name` is misspelt: the fixed ones, and its own with another provider or scheme before it. */
export async function namesLike(name: string): Promise<string[]> {
  const { PROVIDERS } = await import('../../models/openai/index.ts');
  const [, model] = /^[^/]*\/(.+)$/s.exec(name) ?? [];
  const [, file] = /^[^:]*:(.+)$/s.exec(name) ?? [];
  return [
    BUILT_IN,
    TINY,
    ...(model === undefined ? [] : [SERVER, ...Object.keys(PROVIDERS)].map((provider) => `${provider}/${model}`)),
    ...(file === undefined ? [] : SCHEMES.map((scheme) => `${scheme}:${file}`)),
  ];
}
