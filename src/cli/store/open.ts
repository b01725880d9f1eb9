/** The store that an option names: a file, or an address of PostgreSQL. */
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Store } from '../../store/index.ts';

/** What begins like this is no file. */
export const isAddress = (name: string): boolean => /^postgres(?:ql)?:\/\//.test(name);

const HOST = String.raw`(?:[\w.-]*|\[[\da-f:.]+\])(?::\d+)?`;
const ADDRESS = new RegExp(
  String.raw`^(postgres(?:ql)?:\/\/)(?:([^:@/?#]*)[^@/?#]*@)?(${HOST}(?:,${HOST})*)(\/[^@?#]*)?(?:[?#]|$)`,
);

/** How a store is called on the terminal: without the password that an address may have. */
export function shownStore(name: string): string {
  if (!isAddress(name)) return name;
  // It may name several hosts, which makes it no URL. What may be a part of a password is not shown.
  const parts = ADDRESS.exec(name);
  if (!parts) return 'postgres://...';
  const [, scheme = '', user, hosts = '', path = ''] = parts;
  return `${scheme}${user === undefined ? '' : `${user}@`}${hosts}${path}`;
}

/** Opens a store. Resolves when it can be used: where a server is not reached, nothing is begun. */
export async function openStoreAt(
  name: string,
  { makesFolder = false }: { readonly makesFolder?: boolean | undefined } = {},
): Promise<Store> {
  const { openStore } = await import('../../store/index.ts');
  if (makesFolder && !isAddress(name)) await mkdir(dirname(name), { recursive: true, mode: 0o700 });
  const store = openStore(name);
  try {
    await store.ready();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** Opens a store that is there, and closes it after the work; `missing` is thrown where there is no such file. */
export async function withStoreAt<T>(
  name: string,
  missing: () => Error,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  if (!isAddress(name))
    await access(name).catch(() => {
      throw missing();
    });
  const store = await openStoreAt(name);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
