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
  diagnose: ['core', 'evaluate', 'tasks', ...ROOMS],
  config: ['core', 'catalog', 'compile', 'extend', 'models', 'tasks'],
  testing: ['core', 'models'],
  cluster: ['core', 'store', 'evaluate'],
  compile: ['core', 'catalog', 'config', 'diagnose', 'evaluate', 'models', 'tasks'],
  serve: ['core', 'config', 'evaluate', 'catalog', 'store', 'models', 'telemetry'],
  studio: ['core', 'catalog', 'config', 'evaluate', 'models', 'serve', 'store', 'tasks', 'tiny'],
  telemetry: ['core'],
  extend: ['core', 'tasks'],
  cli: EVERYTHING,
  catalog: ['core', ...ROOMS, 'recipes'],
  // The law of a technique, `<technique>.law.ts`: what it is proved with runs in a browser too.
  law: ['core', 'testing', 'models', ...ROOMS, 'recipes', 'law'],
  laws: ['core', 'testing', 'law'],
  index: EVERYTHING,
};
/** Folders that may use Node's own modules. All others run in a browser. */
const NODE = new Set([
  'models',
  'tiny',
  'store',
  'sandbox',
  'cluster',
  'compile',
  'tasks',
  'evaluate',
  'config',
  'extend',
  'serve',
  'studio',
  'cli',
  'testing',
]);

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('test-support'))
  .map((file) => ({ file, source: readFileSync(join(SRC, file), 'utf8') }));

/** Entries of the package that hand on what stands in other folders than their own. */
const ENTRIES: { readonly [file: string]: readonly string[] } = { 'models/index.ts': ['tools'] };

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
      return to === folder || allowed === EVERYTHING || [...allowed, ...(ENTRIES[file] ?? [])].includes(to)
        ? []
        : [`${file} imports from ${to}`];
    });
  });
  expect(broken).toEqual([]);
});

it('a bundler follows no import of a package that may be absent', () => {
  const { peerDependencies } = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8')) as {
    readonly peerDependencies: { readonly [name: string]: string };
  };
  const broken = files.flatMap(({ file, source }) => {
    const code = source.replaceAll(/\btypeof import\([^)]*\)|^import type [^;]*;|\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    const named = [...code.matchAll(/(?:\bfrom|\bimport\()\s*['`]([^'`]+)['`]/g)].map(([, name = '']) => name);
    return named
      .filter((name) => Object.keys(peerDependencies).some((peer) => name === peer || name.startsWith(`${peer}/`)))
      .map((name) => `${file} imports ${name}`);
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

/** Which files of `src` each file imports. */
const graph = new Map(
  files.map(({ file, source }) => [
    file,
    importsOf(source)
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(SRC, resolve(SRC, dirname(file), target))),
  ]),
);

it('no file imports itself through others, types included', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]): void => {
    const at = above.indexOf(file);
    if (at !== -1) circles.push([...above.slice(at), file].join(' -> '));
    if (at !== -1 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...above, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  expect(graph.size).toBeGreaterThan(300);
  expect(circles).toEqual([]);
});

it('a back end is reached by its door', () => {
  const broken = [...graph].flatMap(([file, targets]) =>
    targets
      .filter((target) => /^models\/[\w-]+\/[\w-]+\.ts$/.test(target) && !target.endsWith('/index.ts'))
      .filter((target) => !file.startsWith(`${dirname(target)}/`))
      .map((target) => `${file} imports ${target}`),
  );
  expect(broken).toEqual([]);
});

const TECHNIQUES = new Set([...ROOMS, 'recipes']);

it('no folder but a room of techniques has more than 25 entries', () => {
  const crowded = folders().filter((folder) => !TECHNIQUES.has(folder) && readdirSync(join(SRC, folder)).length > 25);
  expect(crowded).toEqual([]);
});

it('ARCHITECTURE.md shows every folder, two levels deep, with a sentence', () => {
  const page = readFileSync(join(SRC, '../ARCHITECTURE.md'), 'utf8');
  const [, tree = ''] = /```text tree\n([\s\S]*?)```/.exec(page) ?? [];
  let top = '';
  const shown = tree.split('\n').flatMap((line) => {
    const [, indent = '', name = '', sentence = ''] = /^( {2,4})([\w-]+)\/ +(\S.*)$/.exec(line) ?? [];
    if (!name || sentence.length < 4) return [];
    if (indent.length === 2) top = name;
    return [indent.length === 2 ? name : `${top}/${name}`];
  });
  const own = folders().filter((folder) => {
    const [room = '', inner] = folder.split('/');
    const isTechnique = inner !== undefined && TECHNIQUES.has(room) && inner !== 'mcp';
    return !isTechnique && inner !== 'shared';
  });
  expect(shown.toSorted()).toEqual(own.toSorted());
});

/** The folders of `src`, two levels deep. */
function folders(): string[] {
  const inside = (folder: string): string[] =>
    readdirSync(join(SRC, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'test-support')
      .map(({ name }) => join(folder, name));
  const top = inside('.');
  return [...top, ...top.flatMap(inside)];
}
