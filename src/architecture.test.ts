/** The architecture, as a test: who may import whom. ARCHITECTURE.md says why. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, it } from 'vitest';

const SRC = import.meta.dirname;
const ROOMS = ['search', 'iterate', 'remember', 'tools', 'rephrase', 'decompose', 'decode'];
const EVERYTHING = '*';

/** For each folder of src, the folders it may import from besides itself. */
const MAY_IMPORT: { readonly [folder: string]: readonly string[] | typeof EVERYTHING } = {
  core: [],
  ...Object.fromEntries(ROOMS.map((room) => [room, ['core']])),
  recipes: ['core', ...ROOMS],
  tiny: ['core'],
  models: ['core', 'tiny'],
  tasks: ['core', 'models'],
  store: ['core'],
  sandbox: ['core'],
  evaluate: ['core', 'tasks', 'store', 'models'],
  testing: ['core', 'models'],
  cluster: ['core', 'store', 'evaluate'],
  compile: ['core', 'catalog', 'evaluate'],
  serve: ['core', 'evaluate', 'catalog', 'store', 'models'],
  cli: EVERYTHING,
  catalog: ['core', ...ROOMS, 'recipes'],
  // The law of a technique, `<technique>.law.ts`: what it is proved with runs in a browser too.
  law: ['core', 'testing', 'models', ...ROOMS, 'recipes', 'law'],
  laws: ['core', 'testing', 'law'],
  index: EVERYTHING,
};
/** Folders that may use Node's own modules. All others run in a browser. */
const NODE = new Set(['models', 'tiny', 'store', 'sandbox', 'cluster', 'tasks', 'evaluate', 'serve', 'cli', 'testing']);

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('test-support'))
  .map((file) => ({ file, source: readFileSync(join(SRC, file), 'utf8') }));

const folderOf = (file: string): string =>
  file.endsWith('.law.ts') ? 'law' : (file.split(sep)[0] as string).replace(/\.ts$/, '');
const importsOf = (source: string): string[] =>
  [...source.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'/g)].map(
    ([, a, b]) => (a ?? b) as string,
  );

it('imports only what the table allows', () => {
  const broken = files.flatMap(({ file, source }) => {
    const folder = folderOf(file);
    const allowed = MAY_IMPORT[folder];
    if (!allowed) return [`${file}: the table has no row for ${folder}`];
    return importsOf(source).flatMap((target) => {
      if (target.startsWith('node:'))
        return NODE.has(folder) ? [] : [`${file} uses ${target} and must run in a browser`];
      if (!target.startsWith('.')) return [];
      const to = folderOf(relative(SRC, resolve(SRC, dirname(file), target)));
      return to === folder || allowed === EVERYTHING || allowed.includes(to) ? [] : [`${file} imports from ${to}`];
    });
  });
  expect(broken).toEqual([]);
});

it('the core imports no package', () => {
  const broken = files
    .filter(({ file }) => folderOf(file) === 'core')
    .flatMap(({ file, source }) =>
      importsOf(source)
        .filter((target) => !target.startsWith('.'))
        .map((target) => `${file} imports ${target}`),
    );
  expect(broken).toEqual([]);
});

it('index files only re-export', () => {
  const broken = files
    .filter(({ file }) => file.endsWith('index.ts'))
    .filter(
      ({ source }) =>
        source
          .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
          .replaceAll(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'[^']+';/g, '')
          .trim() !== '',
    )
    .map(({ file }) => file);
  expect(broken).toEqual([]);
});

it('what the main entry reaches runs in a browser', () => {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    const source = files.find((one) => one.file === file)?.source ?? '';
    for (const target of importsOf(source))
      if (target.startsWith('.')) reach(relative(SRC, resolve(SRC, dirname(file), target)));
  };
  reach('index.ts');
  const broken = files
    .filter(({ file }) => reached.has(file))
    .flatMap(({ file, source }) => {
      const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return [...code.matchAll(/'node:\w+'|\b(?:Buffer|process|require|__dirname)\b\s*[.(]/g)].map(
        ([use]) => `${file} uses ${use}`,
      );
    });
  expect(reached.size).toBeGreaterThan(40);
  expect(broken).toEqual([]);
});
