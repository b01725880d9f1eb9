/** Which tests could see a change of a file: those that import it, directly or through others, the nearest first. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Tests that read the sources as text, so that any change of a text would be one they see. */
const READERS = new Set(['src/architecture.test.ts', 'src/testing/laws/seeded-bugs.test.ts']);

/** Has the defaults and limits of all options on record. */
const OPTIONS = 'src/catalog.test.ts';

/** Techniques that between them use all of the core. */
const CORE = new Set(['best-of-n', 'self-consistency', 'rejection', 'self-refine']);

/** Tests of the command line start processes that no import leads to, and see little that the others do not. */
const isLast = (test: string): boolean => test.startsWith('src/cli/');
const isTest = (file: string): boolean => file.endsWith('.test.ts') && !file.endsWith('.slow.test.ts');

/** For a file, the quick tests in three rounds: beside it, near it, and all others that reach it. */
export function seenBy(root: string): (file: string) => readonly (readonly string[])[] {
  const files = ['src', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const importers = new Map<string, Set<string>>();
  for (const [file, text] of texts)
    for (const target of importsOf(text)) {
      const to = relative(root, resolve(root, dirname(file), target));
      importers.set(to, (importers.get(to) ?? new Set()).add(file));
    }
  return (file) => {
    const names = exportsOf(texts.get(file) ?? '');
    const speaksOf = (test: string): boolean => importedBy(texts.get(test) ?? '').some((name) => names.has(name));
    const ranked = [...distances(file, importers)]
      .filter(([test]) => isTest(test) && !READERS.has(test))
      .map(([test, distance]) => ({
        test,
        rank: [
          Number(isLast(test)),
          -Number(isOwn(test, file)),
          -Number(speaksOf(test)),
          -nearness(test, file),
          distance,
        ],
      }))
      .toSorted((a, b) => compared(a.rank, b.rank) || (a.test < b.test ? -1 : 1));
    const tests = ranked.map(({ test }) => test);
    const first = tests
      .filter((test) => dirname(test) === dirname(file) || (speaksOf(test) && !isLast(test)))
      .slice(0, 7);
    const laws = file.startsWith('src/core/') ? tests.filter((test) => CORE.has(basename(dirname(test)))) : [];
    const onRecord = /\boption\.\w+\(/.test(texts.get(file) ?? '') ? tests.filter((test) => test === OPTIONS) : [];
    const others = tests.filter((test) => !first.includes(test) && !isLast(test)).slice(0, 5);
    const near = [...new Set([...onRecord, ...others, ...laws])];
    const rest = [...new Set([...tests, ...files.filter((one) => isTest(one) && isLast(one))])];
    return [first, near, rest.filter((test) => !first.includes(test) && !near.includes(test))];
  };
}

function compared(a: readonly number[], b: readonly number[]): number {
  return a.map((one, i) => one - (b[i] as number)).find((difference) => difference !== 0) ?? 0;
}

function exportsOf(source: string): ReadonlySet<string> {
  return new Set(
    [...source.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)].map(([, name]) => name as string),
  );
}

/** The names that a test imports from the project. */
function importedBy(source: string): readonly string[] {
  return [...source.matchAll(/^import (?:type )?\{([^}]*)\} from '\./gm)].flatMap(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  );
}

/** How many steps away each file is that reaches the given one. An index only hands on, so it is no step. */
function distances(file: string, importers: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, number> {
  const found = new Map([[file, 0]]);
  for (let ring = [file], distance = 0; ring.length > 0; distance++) {
    const next = new Set<string>();
    for (let i = 0; i < ring.length; i++)
      for (const one of importers.get(ring[i] as string) ?? [])
        if (!found.has(one) && basename(one) === 'index.ts') {
          found.set(one, distance);
          ring.push(one);
        } else if (!found.has(one)) next.add(one);
    for (const one of next) found.set(one, distance + 1);
    ring = [...next];
  }
  return found;
}

/** The test that stands beside a file, under its name. */
const isOwn = (test: string, file: string): boolean => test === file.replace(/\.ts$/, '.test.ts');

/** How many folders two files have in common; one more where the test has the file's name. */
function nearness(test: string, file: string): number {
  const [a, b] = [dirname(test).split(sep), dirname(file).split(sep)];
  const common = a.findIndex((folder, i) => folder !== b[i]);
  const named = basename(test, '.test.ts') === basename(file, '.ts');
  return (common === -1 ? a.length : common) + Number(named);
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'(\.[^']+)'/gm)].map(
    ([, target]) => target as string,
  );
}
