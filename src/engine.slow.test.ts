/** An engine below what the package asks for: whatever part of plusx is imported, the person is told so, in one line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { engineProblem } from './core/host/engine.ts';

const ROOT = join(import.meta.dirname, '..');
const { engines, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string };
  readonly exports: { readonly [entry: string]: string | { readonly default: string } };
};
const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default]));

/** PLUSX_OLD_NODE names one; else that of the system, where it is old. */
const old = [process.env['PLUSX_OLD_NODE'], '/usr/bin/node'].find((node) => {
  const { stdout } = node === undefined ? { stdout: undefined } : spawnSync(node, ['--version'], { encoding: 'utf8' });
  return stdout && engineProblem(stdout.trim().replace(/^v/, ''));
});
if (!old) console.log('No engine that is too old is tried: PLUSX_OLD_NODE names none, and that of the system is new.');

it('the oldest engine is the one that the package names', () => {
  const [, least = ''] = /^>=([\d.]+)$/.exec(engines.node) ?? [];
  const [major = 0, minor = 0] = least.split('.').map(Number);
  expect(engineProblem(`${least}.0`)).toBeUndefined();
  for (const version of [`${major + 1}.0.0`, `${major}.${minor + 1}.0`]) expect(engineProblem(version)).toBeUndefined();
  for (const version of [`${major}.${minor - 1}.9`, `${major - 1}.99.0`, '20.20.2'])
    expect(engineProblem(version)).toBe(
      `Node ${least} or newer is needed, and this is ${version}. Install it from nodejs.org.`,
    );
  expect(engineProblem(undefined)).toBeUndefined();
});

describe.skipIf(!old)('an engine that is too old', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-engine-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  if (old)
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], {
      cwd: ROOT,
    });
  const run = (args: readonly string[]) => spawnSync(old ?? '', args, { cwd: folder, encoding: 'utf8' });

  it.each(entries)('is told of by %s', (entry) => {
    const script = `import(${JSON.stringify(entry)}).then(() => console.log('loaded'), (error) => console.log(error.message))`;
    expect(run(['-e', script]).stdout).toMatch(/^plusx: Node [\d.]+ or newer is needed, and this is [\d.]+\. Install/);
  });

  it('is told of by the command', () => {
    const { status, stderr } = run([join(folder, 'dist/cli/main.js'), 'ask', 'x']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^plusx: Node [\d.]+ or newer is needed.*\n$/)]);
  });
});
