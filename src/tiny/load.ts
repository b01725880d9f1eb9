/** Where weights come from: a file where there is a file system, an address everywhere. */
import { DataError } from '../core/index.ts';

/** The weights this package brings along. Asked for when they are needed: a bundle for the browser may have no address. */
const own = (): URL => new URL('../../training/release/tiny.plusx', import.meta.url);

/** Reads a weights file at once. Only where there is a file system: in a browser, await `fetchWeights` and pass the bytes. */
export function readWeights(file: string | URL = own()): Uint8Array {
  // Asked for at run time, so that bundlers for the browser have nothing to resolve.
  const fs = (globalThis.process as NodeJS.Process | undefined)?.getBuiltinModule?.('node:fs');
  if (!fs)
    throw new DataError({
      file: String(file),
      problem:
        'cannot be read here, there is no file system. Await fetchWeights(address) and pass the bytes as `weights`',
    });
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new DataError({
      file: String(file),
      problem: `cannot be read: ${error instanceof Error ? error.message : error}`,
    });
  }
}

/** Fetches a weights file. */
export async function fetchWeights(address: string | URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new DataError({ file: String(address), problem: `the server answered ${response.status}` });
  return new Uint8Array(await response.arrayBuffer());
}
