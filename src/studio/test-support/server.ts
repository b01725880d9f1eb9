/** A studio on a free port, with the pages built from the sources: `await using open = await startStudio({ store })`. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { techniques } from '../../catalog.ts';
import { tiny } from '../../models/index.ts';
import { listen } from '../../serve/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { studio, type StudioOptions } from '../index.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Builds the pages: once a test file. */
export function buildPages(): void {
  execFileSync(process.execPath, ['scripts/studio.ts'], { cwd: ROOT, stdio: 'inherit' });
}

export interface OpenStudio extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`. */
  readonly origin: string;
  /** The first page. */
  readonly url: string;
  readonly store: Store;
}

export async function startStudio(
  options: Partial<StudioOptions> & { readonly port?: number } = {},
): Promise<OpenStudio> {
  const store = options.store ?? openStore({ file: ':memory:' });
  const model = tiny();
  const serving = {
    techniques,
    model: (name: string) => (name === 'plusx:tiny' ? model : undefined),
    listed: ['plusx:tiny'],
    ...options.serving,
  };
  const shown = studio({ version: '0.0.0', ...options, serving, store });
  const server = await listen({ ...serving, mounts: [shown.mount], port: options.port ?? 0 });
  const { origin } = new URL(server.url);
  return {
    origin,
    url: shown.address(origin),
    store,
    async [Symbol.asyncDispose]() {
      await server.close(0);
      await store.close();
    },
  };
}
