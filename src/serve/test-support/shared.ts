/** Material outside the repository: recorded replies and the published description of the protocol. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = join(import.meta.dirname, '../../../../shared/data');

/** The path of a file or folder there; nothing, and a word about it, where it is not. */
export function sharedPath(path: string): string | undefined {
  const file = join(SHARED, path);
  if (existsSync(file)) return file;
  console.warn(`skipped, there is no ../shared/data/${path}`);
  return undefined;
}

export function readShared(path: string): Buffer | undefined {
  const file = sharedPath(path);
  return file === undefined ? undefined : readFileSync(file);
}
