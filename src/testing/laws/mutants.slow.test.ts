/**
 * Seeded bugs: each is put into a copy of the sources, and the laws run over the copy must find it. A bug that no law
 * finds is a law that is missing.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { seededBugs } from './test-support/seeded-bugs.ts';

const SEEDED = await seededBugs();
const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'plusx-bugs-'));
const original = join(folder, 'original'); // one state of the sources for the whole suite, edited meanwhile or not
const isNeeded = (file: string): boolean => !/\.test\.ts$|test-support/.test(file);
for (const part of ['src', 'scripts'])
  cpSync(join(root, part), join(original, part), { recursive: true, filter: isNeeded });
writeFileSync(join(original, 'package.json'), '{"type":"module"}');
symlinkSync(join(root, 'node_modules'), join(original, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true }), 60_000);

/** What the laws said: the law that is broken, that all hold, or that there was no time to say. */
type Found = { readonly kind: 'broken'; readonly law: string } | { readonly kind: 'all hold' | 'out of time' };

/** What the laws say of a copy of the sources. */
function lawsOver(
  name: string,
  technique: string | undefined,
  change: (read: (file: string) => string, copy: string) => void,
): Promise<Found> {
  const copy = join(folder, name);
  cpSync(original, copy, { recursive: true });
  change((file) => readFileSync(join(copy, 'src', file), 'utf8'), copy);
  return new Promise((resolve, reject) => {
    const script = join(copy, 'scripts/check-laws.ts');
    execFile(
      process.execPath,
      [script, ...(technique === undefined ? [] : [technique])],
      { timeout: 150_000 },
      (error, stdout, stderr) => {
        rmSync(copy, { recursive: true });
        if (!error) resolve({ kind: 'all hold' });
        else if (error.killed) resolve({ kind: 'out of time' });
        else if (error.code === 3) resolve({ kind: 'broken', law: stdout.trim() });
        else reject(new Error(`the laws could not run: ${stderr}`));
      },
    );
  });
}

it.concurrent.each([undefined, ...new Set(SEEDED.flatMap(({ technique }) => technique ?? []))])(
  'nothing is found in the sources as they are: %s',
  async (technique) => {
    expect(await lawsOver(`none-${technique}`, technique, () => {})).toEqual({ kind: 'all hold' });
  },
);

// A bug that the laws had no time to find is not found: a slow machine must not pass for a good law.
it.concurrent.each(SEEDED.map((bug, i) => ({ ...bug, name: `bug-${i}` })))(
  'found: $technique, $bug',
  async ({ name, technique, bug, file, from, to }) => {
    const found = await lawsOver(name, technique, (read, copy) => {
      const source = read(file);
      if (source.split(from).length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(from)} once`);
      writeFileSync(
        join(copy, 'src', file),
        source.replace(from, () => to),
      );
    });
    console.log(`${technique ?? 'core'}, ${bug} <- ${found.kind === 'broken' ? found.law : found.kind.toUpperCase()}`);
    expect(found.kind).toBe('broken');
  },
);
