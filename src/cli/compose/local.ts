/** Local model files: `gguf:FILE`, and `gguf:ADDRESS`, which --model alone fetches. */
import { join } from 'node:path';
import type { Model } from '../../core/index.ts';
import { fetchGguf, gguf, isAddress, type GgufOptions } from '../../models/gguf/index.ts';
import { progressBar } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { oneLine } from '../terminal/text.ts';

export interface LocalOptions extends Pick<GgufOptions, 'defaults'> {
  /** Whether a file that is not here is fetched. */
  readonly download: boolean;
}

export async function openLocal(
  name: string,
  terminal: Terminal,
  { defaults, download }: LocalOptions,
): Promise<Model> {
  return gguf(isAddress(name) ? await fetched(name, terminal, download) : name, { defaults });
}

async function fetched(address: string, terminal: Terminal, download: boolean): Promise<string> {
  const { env, err, signal } = terminal;
  const folder =
    env['PLUSX_MODELS'] || (env['XDG_CACHE_HOME'] ? join(env['XDG_CACHE_HOME'], 'plusx', 'models') : undefined);
  let bar: ReturnType<typeof progressBar> | undefined;
  const onProgress = (bytes: number, of: number): void => {
    bar ??= progressBar(terminal, { total: of / MEGA, unit: 'MB', now: () => performance.now() });
    bar.update(Math.round(bytes / MEGA), undefined, Math.round(of / MEGA));
  };
  let told = false;
  try {
    const file = await fetchGguf(address, {
      folder,
      download,
      signal,
      onProgress: (bytes, of) => {
        if (!told) err.write(`${err.paint('dim', `fetching ${Math.round(of / MEGA)} MB, once`)}\n`);
        told = true;
        onProgress(bytes, of);
      },
    });
    if (told) err.write(`${err.paint('dim', `kept in ${oneLine(file)}`)}\n`);
    return file;
  } finally {
    bar?.stop();
  }
}

const MEGA = 1e6;
