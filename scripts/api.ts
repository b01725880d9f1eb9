/** Writes etc/api/*.d.ts: what each entry point exports, as the compiler declares it. `--check` fails on a difference. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const { exports: entries } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
  exports: { [entry: string]: string | { types: string } };
};

let stale = false;
mkdirSync(resolve(ROOT, 'etc/api'), { recursive: true });
for (const [entry, target] of Object.entries(entries)) {
  if (typeof target === 'string') continue;
  const text = `// The public interface of plusx${entry.slice(1)}. Written by \`npm run api\`; a change here is a change for users.\n${collect(resolve(ROOT, target.types), new Set())}`;
  const file = resolve(ROOT, `etc/api/${entry === '.' ? 'plusx' : entry.slice(2)}.d.ts.txt`);
  if (check) {
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(
        `The public interface of plusx${entry.slice(1)} differs from ${relative(ROOT, file)}. If that is meant, run \`npm run api\` and add a changeset.`,
      );
      stale = true;
    }
  } else writeFileSync(file, text);
}
process.exitCode = stale ? 1 : 0;

/** The declarations of a file and of the files it re-exports from, comments left out. */
function collect(file: string, seen: Set<string>): string {
  if (seen.has(file)) return '';
  seen.add(file);
  const source = readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\/\/.*$/gm, '');
  const below = [...source.matchAll(/^export [^;=]*? from '(\.[^']+)';$/gm)].map(([, from]) =>
    collect(resolve(dirname(file), (from as string).replace(/\.(?:js|ts)$/, '.d.ts')), seen),
  );
  const own = source
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('import ') && !line.startsWith('export * '));
  return `${own.length > 0 ? `\n// ${relative(resolve(ROOT, 'dist'), file)}\n${own.join('\n')}\n` : ''}${below.join('')}`;
}
