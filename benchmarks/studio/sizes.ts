/** What is sent of each page, gzipped. */
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { kB, pageSizes } from '../../scripts/studio/sizes.ts';
import type { Row } from './row.ts';

const ROOT = join(import.meta.dirname, '../../studio');
const WHAT: { readonly [page: string]: string } = {
  first: 'the first page: frame and playground',
  local: 'with `?local`, what runs in the page itself, besides the weights',
};

export async function sizes(): Promise<readonly Row[]> {
  const config = { root: ROOT, configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error' } as const;
  const built = await build({ ...config, build: { write: false } });
  return pageSizes(built as Rolldown.RolldownOutput).map(({ page, gzipped, limit }) => ({
    what: `${WHAT[page] ?? `what the page of ${page} adds`}, gzipped`,
    value: kB(gzipped),
    goal: `<= ${kB(limit).replace('.0', '')}`,
  }));
}
