/**
 * A mutation run: small faults, chosen by rule, are put into a copy of the sources one at a time, and the tests must find each.
 * `npm run soak -- [--count N] [--seed SEED] [--rounds 1|2|3] [--again]` writes docs/measurements/mutants.json and mutants.md after
 * every fault and goes on where it was stopped; a fault whose file has changed since is tried anew. The first round is the tests
 * beside the file, the second (default) those near it and laws of techniques, the third every quick test that reaches it. All
 * faults go through the first before any goes into the second. `--again` tries once more what survived, from the first round on.
 * `--named` tries the faults of scripts/soak/named.ts, `--list` only prints which faults are drawn.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { digest, mutantsOf, spread, type Mutant } from './soak/mutants.ts';
import { NAMED } from './soak/named.ts';
import { report, type Result, type Soak } from './soak/report.ts';
import { seenBy } from './soak/seen-by.ts';
import { copyOf, stopTests, trialsIn } from './soak/trial.ts';

/** What is tried, and how many faults of ten go to each part. */
const PARTS: readonly { readonly part: string; readonly share: number; readonly folders: readonly string[] }[] = [
  { part: 'core', share: 7, folders: ['core'] },
  {
    part: 'rooms',
    share: 7,
    folders: ['search', 'iterate', 'remember', 'tools', 'rephrase', 'decompose', 'decode', 'recipes'],
  },
  { part: 'statistics', share: 3, folders: ['evaluate'] },
  { part: 'store', share: 3, folders: ['store'] },
];

const root = join(import.meta.dirname, '..');
const kept = join(root, 'docs/measurements/mutants.json');
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
    named: { type: 'boolean', default: false },
  },
});
const { seed } = values;
const count = Number(values.count);

const isSource = (file: string): boolean => file.endsWith('.ts') && !/\.(test|law)\.ts$|test-support/.test(file);
const sources = new Map(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(isSource)
    .toSorted()
    .map((file) => [`src/${file}`, readFileSync(join(root, 'src', file), 'utf8')]),
);

/** The first faults of each part, in turn: seven of core, seven of the rooms, three of statistics, three of the store. */
function chosen(): readonly Mutant[] {
  const queues = PARTS.map(({ share, folders }) => {
    const files = [...sources].filter(([file]) => folders.includes(file.split('/')[1] as string));
    return {
      share,
      mutants: spread(
        files.flatMap(([file, source]) => mutantsOf(file, source, seed)),
        seed,
      ),
    };
  });
  const total = PARTS.reduce((sum, { share }) => sum + share, 0);
  return queues
    .flatMap(({ share, mutants }) => mutants.map((mutant, i) => ({ mutant, at: (i + 0.5) / share })))
    .toSorted((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant)
    .slice(0, Math.ceil(count / total) * total)
    .slice(0, count);
}

const mutants = chosen();
if (values.list) {
  for (const { id, file, line, rule, from, to } of mutants)
    console.log(`${id} ${file}:${line} ${rule}: ${from} -> ${to}`.replaceAll(/\s+/g, ' ').slice(0, 160));
  process.exit(0);
}

const read = (): Soak | undefined => (existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Soak) : undefined);
const before = read();
const results = new Map<string, Result>();
for (const result of before?.seed === seed ? before.results : []) {
  const { id, file } = result;
  const isSame = result.source === digest(sources.get(file) ?? '').slice(0, 12);
  if (isSame && mutants.some((mutant) => mutant.id === id)) results.set(id, result);
}

let named = before?.named ?? [];

function write(): void {
  // Each of two runs side by side keeps what the other has written.
  const other = read();
  const own = mutants.flatMap(({ id }) => results.get(id) ?? []);
  const soak: Soak = {
    seed,
    count,
    results: values.named ? (other?.results ?? own) : own,
    named: values.named ? named : (other?.named ?? []),
  };
  for (const [file, text] of [
    [kept, `${JSON.stringify(soak, null, 2)}\n`],
    [kept.replace(/json$/, 'md'), report(soak, root)],
  ] as const) {
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
  }
}

const ROUNDS = Number(values.rounds);
const roundsOf = seenBy(root);
const isSettled = (result: Result | undefined): boolean => result?.outcome === 'found' || result?.outcome === 'endless';
/** For each round, the faults that are still to go through it. */
const queues = Array.from({ length: ROUNDS }, (_, round) =>
  mutants.filter(({ id }) => {
    const result = results.get(id);
    return !isSettled(result) && (values.again ? 0 : (result?.rounds ?? 0)) === round;
  }),
);
const folder = mkdtempSync(join(tmpdir(), 'plusx-soak-'));
chmodSync(folder, 0o755); // some tests run a part of themselves as another user
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => {
  stopTests();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** The faults with a name, each put where its text stands. */
async function tryNamed(): Promise<void> {
  const trial = trialsIn(copyOf(root, folder));
  for (const { bug, kind, file, from, to } of NAMED) {
    if (!values.again && named.some((one) => one.bug === bug && one.outcome === 'found')) continue;
    const path = `src/${file}`;
    const source = sources.get(path) ?? '';
    const start = source.indexOf(from);
    if (source.split(from).length !== 2) throw new Error(`${path} does not hold ${JSON.stringify(from)} once`);
    const line = source.slice(0, start).split('\n').length;
    const end = start + from.length;
    const mutant = { id: bug, file: path, rule: kind, line, start, end, from, to };
    const { outcome, by } = await trial(mutant, roundsOf(path).slice(0, ROUNDS).flatMap(nearestFirst));
    named = [...named.filter((one) => one.bug !== bug), { bug, kind, file: path, outcome, by }];
    named = NAMED.flatMap((one) => named.find((result) => result.bug === one.bug) ?? []);
    write();
    console.log(`${outcome}: ${bug}\n  by ${by}`);
  }
}

/** The first of the tests by itself: most faults are found by it, and need no others. */
function nearestFirst([first, ...others]: readonly string[]): readonly (readonly string[])[] {
  return [first === undefined ? [] : [first], others];
}

async function lane(number: number): Promise<void> {
  const place = join(folder, String(number));
  mkdirSync(place);
  const trial = trialsIn(copyOf(root, place));
  const next = (): readonly [Mutant, number] | undefined => {
    const round = queues.findIndex((queue) => queue.length > 0);
    const mutant = queues[round]?.shift();
    return mutant && [mutant, round];
  };
  for (let one = next(); one; one = next()) {
    const [mutant, round] = one;
    const { id, file, line, rule, from, to } = mutant;
    const { outcome, by, seconds } = await trial(mutant, nearestFirst(roundsOf(file)[round] ?? []));
    const before = round === 0 ? 0 : (results.get(id)?.seconds ?? 0);
    const source = digest(sources.get(file) as string).slice(0, 12);
    const spent = Math.round(before + seconds);
    results.set(id, { id, file, line, rule, from, to, outcome, by, seconds: spent, rounds: round + 1, source });
    if (!isSettled(results.get(id))) queues[round + 1]?.push(mutant);
    write();
    const change = `${from} -> ${to}`.replaceAll(/\s+/g, ' ').slice(0, 80);
    const place = `${results.size}/${mutants.length}, round ${round + 1}`;
    console.log(`${place}: ${outcome} (${spent} s) ${file}:${line} ${rule}: ${change}`);
    if (by !== undefined) console.log(`  by ${by}`);
  }
}

if (values.named) await tryNamed();
else await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, (_, i) => lane(i)));
write();
