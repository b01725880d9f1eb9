/**
 * Databases for the memory, side by side: processor time to index, to open and to search, size, how often the right note is
 * among ten, whether a second process can write meanwhile, and what a deleted note leaves in the files.
 *
 *     node benchmarks/memory.ts [--notes 10000] [--queries 50] [--packages FOLDER] [--only NAME] [--json]
 *
 * The other databases are looked for in FOLDER/node_modules: npm i sqlite-vec @lancedb/lancedb @orama/orama minisearch
 * @electric-sql/pglite @electric-sql/pglite-pgvector. All are given the same vectors, those of `hashedEmbedder()`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CANDIDATES, type Database, type Entry } from './memory-databases.ts';
import { hashedEmbedder, seeded, type Choice } from '../src/core/index.ts';

const { values } = parseArgs({
  options: {
    notes: { type: 'string', default: '10000' },
    queries: { type: 'string', default: '50' },
    packages: { type: 'string', default: '.' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});
const NOTES = Number(values.notes);
const QUERIES = Number(values.queries);
const SECRET = 'Xylophonist zanzibar quokkas';
const SECRET_WORDS = /xylophonist|zanzibar|quokka/i;

const embedder = hashedEmbedder();
const embedded = async (texts: readonly string[], from = 0): Promise<Entry[]> => {
  const vectors = await embedder.embed(texts);
  return texts.map((text, i) => ({ id: `n${from + i}`, text, vector: vectors[i] as Float32Array }));
};

/** What the second process writes. */
const [theirs] = (await embedded(['written by another process'], NOTES + 10)) as [Entry];
// A second process: opens the database that the first one has open, and writes a note.
if (values.write !== undefined) {
  const open = CANDIDATES[values.only ?? ''];
  const database = await open?.(values.write, values.packages);
  await database?.index([theirs]);
  await database?.close();
  process.exit(0);
}

const choice = seeded('memory');
const of = (at: Choice, count: number): number => at.categorical(Array.from({ length: count }, () => 1));
const SYLLABLES = 'ba ce di fo gu ha ke li mo nu pa re si to vu za ble cra dri'.split(' ');
const ENDINGS = ['', '', '', 's', 'ed', 'ing'];
const stem = (number: number): string =>
  [number % 19, Math.floor(number / 19) % 19, (number * 7) % 19].map((at) => SYLLABLES[at]).join('');

/** 8 to 23 words of 6000 stems, a few of them frequent, as words are. */
function noteText(at: Choice): string[] {
  return Array.from({ length: 8 + of(at.fork('length'), 16) }, (_, i) => {
    const word = at.fork(`word/${i}`);
    const [a, b] = [word.fork('a').seed() / 2 ** 31, word.fork('b').seed() / 2 ** 31];
    return `${stem(Math.floor(6000 * a * a * b))}${ENDINGS[of(word.fork('end'), 6)]}`;
  });
}
/** Some of a note's words, most of them with another ending. */
function queryText(words: readonly string[], at: Choice): string {
  return words
    .filter((_, i) => of(at.fork(`keep/${i}`), 2) === 0)
    .map((word, i) => `${word.replace(/(?:s|ed|ing)$/, '')}${ENDINGS[of(at.fork(`end/${i}`), 6)]}`)
    .join(' ');
}

const words = Array.from({ length: NOTES }, (_, i) => noteText(choice.fork(`note/${i}`)));
const entries = await embedded(words.map((note) => note.join(' ')));
const asked = await Promise.all(
  Array.from({ length: QUERIES }, async (_, i) => {
    const right = of(choice.fork(`asked/${i}`), NOTES);
    const [query] = await embedded([queryText(words[right] as string[], choice.fork(`query/${i}`))]);
    return { id: `n${right}`, query: query as Entry };
  }),
);

/** Milliseconds of processor time, of all threads of this process: what else the machine does counts little. */
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const timed = async <T>(work: () => Promise<T>): Promise<[T, Times]> => {
  const [start, cpu] = [performance.now(), processor()];
  const value = await work();
  return [value, { wall: performance.now() - start, cpu: processor() - cpu }];
};
interface Times {
  readonly wall: number;
  readonly cpu: number;
}
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
const megabytes = (folder: string): number => filesIn(folder).reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
const holds = (folder: string): boolean =>
  filesIn(folder).some((path) => SECRET_WORDS.test(readFileSync(path, 'latin1')));

const results = [];
for (const [name, open] of Object.entries(CANDIDATES)) {
  if (values.only !== undefined && values.only !== name) continue;
  const folder = mkdtempSync(join(tmpdir(), 'plusx-benchmark-'));
  try {
    let database: Database = await open(folder, values.packages);
    const [, index] = await timed(() => database.index(entries));
    await database.close();
    const size = megabytes(folder);
    const [opened, first] = await timed(async () => {
      database = await open(folder, values.packages);
      return database.search(asked[0]?.query as Entry, 10);
    });
    void opened;
    const times: Times[] = [];
    let right = 0;
    for (const { id, query } of asked) {
      const [found, time] = await timed(() => database.search(query, 10));
      times.push(time);
      if (found.includes(id)) right++;
    }
    const second = secondProcess(name, folder);
    await database.index([{ ...(await embedded([SECRET]))[0], id: 'secret' } as Entry]);
    const visible = holds(folder); // compressed text cannot be looked for in the files
    await database.remove('secret');
    const leftWhileOpen = holds(folder);
    await database.close();
    const left = holds(folder);
    database = await open(folder, values.packages);
    const kept = second === 'writes' && (await database.search(theirs, 1)).includes(theirs.id);
    await database.close();
    const row = {
      name,
      notes: NOTES,
      indexSeconds: round(index.cpu / 1000),
      megabytes: round(size),
      firstSearchMs: round(first.cpu),
      searchMs: round(times.reduce((sum, { cpu }) => sum + cpu, 0) / times.length),
      wall: { indexSeconds: round(index.wall / 1000), firstSearchMs: round(first.wall), searchMs: median(times) },
      recallAt10: right / QUERIES,
      secondProcess: second === 'writes' && !kept ? 'writes, and is overwritten' : second,
      deletedTextLeft: !visible ? 'cannot be told' : left ? 'yes' : leftWhileOpen ? 'until it is closed' : 'no',
    };
    results.push(row);
    if (!values.json) console.log(row);
  } catch (error) {
    console.error(`${name}: ${String(error).slice(0, 200)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
if (values.json) console.log(JSON.stringify(results, null, 2));

function median(times: readonly Times[]): number {
  const walls = times.map(({ wall }) => wall).toSorted((a, b) => a - b);
  return round(walls[Math.floor(walls.length / 2)] as number);
}

function round(x: number): number {
  return Number(x.toPrecision(3));
}

function secondProcess(name: string, folder: string): string {
  const args = [
    import.meta.filename,
    '--only',
    name,
    '--write',
    folder,
    '--packages',
    values.packages,
    '--notes',
    values.notes,
  ];
  try {
    execFileSync(process.execPath, args, { stdio: 'pipe', timeout: 60_000 });
    return 'writes';
  } catch (error) {
    const { stderr = '' } = error as { stderr?: unknown };
    return `refused: ${
      String(stderr)
        .match(/Error: .*/)?.[0]
        .slice(0, 60) ?? String(error).slice(0, 60)
    }`;
  }
}
