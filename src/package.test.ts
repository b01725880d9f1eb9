/** What the package on a registry holds, where a reader has no other place to follow the README’s links to; and what is installed here. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

it('every link of the README leads to a file of the package', { timeout: 60_000 }, () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const report = JSON.parse(packed) as readonly { readonly files: readonly { readonly path: string }[] }[];
  const files = report.flatMap((one) => one.files.map(({ path }) => path));
  const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\(([^)#:]+)[^)]*\)/g)].map(
    ([, to]) => to,
  );
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((to) => !files.some((file) => file === to || file.startsWith(`${to}/`)))).toEqual([]);
});

it('every package that is installed is pinned by its hash, on other systems too', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: { readonly [path: string]: { readonly integrity?: string; readonly link?: true } };
  };
  const unpinned = Object.entries(packages).filter(
    ([path, { integrity, link }]) => path.includes('node_modules/') && integrity === undefined && link !== true,
  );
  expect(unpinned.map(([path]) => path)).toEqual([]);
});
