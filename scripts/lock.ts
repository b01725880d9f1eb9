/**
 * Completes package-lock.json after `npm install`. A registry mirror may hold only the packages of its own platform;
 * npm then leaves the binaries of all other platforms out of the lock, and `npm ci` refuses such a lock everywhere.
 * Their names and versions stand in the lock all the same, so the missing entries can be written down.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: { [name: string]: string };
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'win32', 'openharmony', 'openbsd', 'netbsd', 'aix', 'sunos'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: { [path: string]: Entry } };

let added = 0;
for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const words = name.split(/[-/]/);
    const os = SYSTEMS.filter((system) => words.includes(system));
    const cpu = PROCESSORS.filter((processor) => words.includes(processor));
    if (!/^\d/.test(version) || os.length + cpu.length === 0) continue;
    const found = resolve(path, name);
    if (found?.version === version) continue;
    const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
    added++;
    lock.packages[found ? `${path}/node_modules/${name}` : `node_modules/${name}`] = {
      version,
      ...(cpu.length > 0 && { cpu }),
      ...(dev && { dev }),
      ...(libc.length > 0 && { libc }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
  }
}

const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.log(`${added} entries of other platforms added to package-lock.json`);

/** What `name` means to the package at `path`: the nearest entry up the tree, as Node resolves it. */
function resolve(path: string, name: string): Entry | undefined {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    const entry = lock.packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`];
    if (entry) return entry;
    if (at === '') return undefined;
    if (!at.includes('/node_modules/')) return lock.packages[`node_modules/${name}`];
  }
}
