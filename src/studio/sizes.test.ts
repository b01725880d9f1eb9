/** How large the pages of the studio are is counted as a reader loads them, and a page that is too large is not built. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Rolldown } from 'vite';
import { expect, it } from 'vitest';
import { checkSizes, pageSizes } from '../../scripts/studio/sizes.ts';

/** What does not get smaller by being compressed. */
const code = (bytes: number): string => randomBytes(bytes / 2).toString('hex');
const sent = (...texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);

interface Made {
  readonly of?: string;
  readonly code?: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
  readonly workers?: readonly string[];
}
const chunk = (fileName: string, { of, imports = [], css = [], workers = [], ...more }: Made = {}) => ({
  type: 'chunk',
  fileName,
  isEntry: fileName === 'index.js',
  facadeModuleId: of === undefined ? null : `/home/studio/src/${of}`,
  imports,
  code: more.code ?? fileName,
  viteMetadata: { importedCss: new Set(css), importedAssets: new Set(workers) },
});
const asset = (fileName: string, source: string) => ({ type: 'asset', fileName, source });

const HTML = '<!doctype html>';
const shared = code(3000);
const worker = code(9000);
function sizes(runs = 'runs') {
  const output = [
    asset('index.html', HTML),
    asset('index.css', 'body {}'),
    asset('worker.js', worker),
    chunk('index.js', { imports: ['shared.js'], css: ['index.css'] }),
    chunk('shared.js', { code: shared }),
    chunk('play.js', { of: 'pages/play/page.tsx', imports: ['index.js', 'shared.js'] }),
    chunk('list.js', { imports: ['shared.js'] }),
    chunk('runs.js', { of: 'pages/runs/page.tsx', code: runs, imports: ['list.js', 'index.js'] }),
    chunk('traces.js', { of: 'pages/traces/page.tsx', imports: ['list.js'] }),
    chunk('memory.js', { of: 'pages/memory/page.tsx' }),
    chunk('proof.js', { of: 'pages/proof/page.tsx', workers: ['worker.js'] }),
    chunk('local.js', { of: 'local/runner.ts', workers: ['worker.js'] }),
  ];
  return pageSizes({ output } as unknown as Rolldown.RolldownOutput);
}

it('counts each file once, workers and styles too, and nothing that was loaded before', () => {
  expect(Object.fromEntries(sizes().map(({ page, gzipped }) => [page, gzipped]))).toEqual({
    first: sent(HTML, 'body {}', 'index.js', shared, 'play.js'),
    runs: sent('runs', 'list.js'),
    traces: sent('traces.js', 'list.js'),
    memory: sent('memory.js'),
    proof: sent('proof.js', worker),
    local: sent('local.js', worker),
  });
});

it('builds no page that is too large, and says which one it is', () => {
  expect(() => checkSizes(sizes())).not.toThrow();
  expect(() => checkSizes(sizes(code(600_000)))).toThrow(/The runs page of the studio is 3\d\d\.\d kB gzipped/);
});
