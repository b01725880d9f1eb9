/**
 * Compiles kernels/tiny.ts (AssemblyScript) into src/tiny/network/kernels-bytes.ts. `--check` fails when the bytes there are not
 * what the source gives. Needs the `asc` of the assemblyscript package on the path.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'kernels/tiny.ts');
const TARGET = join(ROOT, 'src/tiny/network/kernels-bytes.ts');

const text = render(compile(SOURCE), readFileSync(SOURCE));
if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error(
    'src/tiny/network/kernels-bytes.ts is not what kernels/tiny.ts compiles to. Run `node scripts/kernels.ts`.',
  );
  process.exitCode = 1;
}

function compile(source: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  const out = join(folder, 'tiny.wasm');
  try {
    const flags = ['--optimizeLevel', '3', '--shrinkLevel', '1', '--converge', '--noAssert'];
    execFileSync(
      'asc',
      [source, '-o', out, ...flags, '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '1'],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function render(wasm: Buffer, source: Buffer): string {
  const lines = wasm.toString('base64').match(/.{1,110}/g) ?? [];
  const hash = createHash('sha256').update(source).digest('hex');
  return [
    '/** Written by `node scripts/kernels.ts`: kernels/tiny.ts, compiled. */',
    '',
    '/** SHA-256 of the source these bytes were compiled from. */',
    `export const KERNEL_SOURCE = '${hash}';`,
    '',
    `/** ${wasm.length} bytes of WebAssembly in base64. */`,
    'export const KERNEL_BYTES = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}
