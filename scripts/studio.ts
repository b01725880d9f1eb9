/**
 * After a build: the pages of the studio into `dist/studio/page`, each file with its compressed twins, and `export.html`, the
 * pages as one file, for those that are saved. A page that has become too large fails the build.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { oneFile } from './studio/one-file.ts';
import { checkSizes, pageSizes } from './studio/sizes.ts';

const ROOT = fileURLToPath(new URL('../studio/', import.meta.url));
const PAGES = fileURLToPath(new URL('../dist/studio/page/', import.meta.url));
/** What is smaller gains nothing. */
const WORTH_BYTES = 1024;

const config = { root: ROOT, configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error' } as const;
checkSizes(pageSizes((await build(config)) as Rolldown.RolldownOutput));
writeFileSync(join(PAGES, 'export.html'), await oneFile(config));
for (const name of readdirSync(PAGES, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(?:html|js|css|json|svg|wasm)$/.test(name)) continue;
  const bytes = readFileSync(join(PAGES, name));
  if (bytes.length < WORTH_BYTES) continue;
  writeFileSync(join(PAGES, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(PAGES, `${name}.br`), brotliCompressSync(bytes, { params }));
}
