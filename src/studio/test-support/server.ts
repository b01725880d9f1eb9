/** A studio on a free port, with the pages built from the sources: `await using open = await startStudio({ store })`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { techniques } from '../../catalog.ts';
import { tiny } from '../../models/index.ts';
import { listen } from '../../serve/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { studio, type StudioOptions } from '../index.ts';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Builds the pages where they are older than what they are made of. Test files run side by side, and a build empties the folder first:
 * one builds, and the others wait for it.
 */
export async function buildPages(): Promise<void> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const lock = join(ROOT, 'dist/studio-pages.lock');
  for (;;)
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Whoever was killed while it built holds nobody up for long.
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 120_000)
        rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  try {
    const built = statSync(join(ROOT, 'dist/studio/page/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const changed = ['studio', 'src', 'scripts/studio.ts', 'scripts/studio'].some(
      (name) => newest(join(ROOT, name)) > built,
    );
    if (changed) execFileSync(process.execPath, ['scripts/studio.ts'], { cwd: ROOT, stdio: 'inherit' });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** When the newest file of a folder was written. */
function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs));
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
