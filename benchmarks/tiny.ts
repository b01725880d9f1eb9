/**
 * How fast the embedded model runs here: `node benchmarks/tiny.ts WEIGHTS [GGUF]`. With the same weights as a GGUF file
 * (`python -m training.export --weights WEIGHTS --out FOLDER`) it stands beside llama.cpp, whose node-llama-cpp PLUSX_LLAMA
 * names. On a busy machine the wall clock measures the others too, so tokens a second of processor time
 * stand beside those of the clock. `--besides` leaves out all but llama.cpp, `--threads=1,2` says how many it may have.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rootScope, user, type Request } from '../src/core/index.ts';
import { tiny } from '../src/models/tiny/index.ts';
import { KERNEL_BYTES } from '../src/tiny/network/kernels-bytes.ts';
import { createRuntime, parseWeights, readWeights, type State } from '../src/tiny/index.ts';
import { inTurns, medianRate, type Rate } from './in-turns.ts';
import { sideBySide, threadCounts } from './side-by-side.ts';

const COLD = '--cold';
const [file = missing(), gguf] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const prompt = [
  user(
    'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?\nSolve it step by step.',
  ),
];

function missing(): never {
  console.error('Name a weights file: node benchmarks/tiny.ts WEIGHTS');
  process.exit(2);
}

/** Median over the rounds, so that a neighbour's burst does not count. */
async function rate(rounds: number, work: () => number | Promise<number>): Promise<Rate> {
  const rates = await inTurns(new Map([['', async () => work()]]), rounds);
  return medianRate(rates.get('') ?? []);
}

const row = (what: string, ...cells: readonly (string | number)[]): void =>
  console.log(
    `${what.padEnd(52)}${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(cell < 100 ? 1 : 0) : cell).padStart(14)).join('')}`,
  );

/** From nothing to the first token, in a process of its own. */
async function cold(): Promise<void> {
  const start = performance.now();
  const { context, close } = rootScope();
  await tiny({ weights: file }).sample({ prompt, maxOutputTokens: 1 }, context);
  close();
  console.log(performance.now() - start);
}

async function table(): Promise<void> {
  const weights = parseWeights(readWeights(file));
  const { engine } = createRuntime(weights);
  const { width, layers, hidden, vocabulary } = engine.config;
  const parameters = 2 * vocabulary * width + layers * (4 * width * width + 3 * width * hidden + 2 * width) + width;
  row('parameters, millions', parameters / 1e6);
  row('kernels, bytes of WebAssembly', String(atob(KERNEL_BYTES).length));

  row('', 'tokens/s', 'a cpu second');
  const ids = Array.from({ length: 120 }, (_, i) => 8 + ((i * 37) % 200));
  for (const batch of [1, 16, 64]) {
    const { clock, processor } = await rate(9, () => {
      const [start] = engine.extend([{ state: engine.empty, ids: ids.slice(0, 40) }]) as [State];
      let states = Array.from({ length: batch }, () => engine.fork(start));
      const steps = batch === 1 ? 150 : 60;
      for (let step = 0; step < steps; step++) {
        const next = engine.extend(states.map((state, i) => ({ state, ids: [8 + ((i + step) % 200)] })));
        states.forEach(engine.release);
        states = next;
      }
      for (const state of [start, ...states]) engine.release(state);
      return 40 + steps * batch;
    });
    row(`network alone, batch ${batch}, positions 40 to ${batch === 1 ? 190 : 100}`, clock, processor);
  }
  const prefill = await rate(9, () => {
    engine.release(engine.extend([{ state: engine.empty, ids }])[0] as State);
    return ids.length;
  });
  row('network alone, a prompt of 120', prefill.clock, prefill.processor);

  const model = tiny({ weights: file });
  let seed = 0;
  const sampled = async (request: Request, calls: number): Promise<number> => {
    const { context, close } = rootScope({ seed: seed++ });
    const all = await Promise.all(
      Array.from({ length: calls }, (_, from) => model.sample({ ...request, from }, context)),
    );
    close();
    return all.reduce((sum, { usage }) => sum + (usage.outputTokens ?? NaN), 0);
  };
  for (const [what, n, calls] of [
    ['sampling through the model, one', 1, 1],
    ['sampling through the model, 16 in one call', 16, 1],
    ['sampling through the model, 64 in one call', 64, 1],
    ['sampling through the model, 64 calls at once', 1, 64],
  ] as const) {
    const { clock, processor } = await rate(n * calls === 1 ? 31 : 9, () => sampled({ prompt, n }, calls));
    row(what, clock, processor);
  }

  row('', 'ms');
  const [start] = engine.extend([{ state: engine.empty, ids }]) as [State];
  const times = Array.from({ length: 21 }, () => {
    const before = performance.now();
    const forks = Array.from({ length: 64 }, () => engine.fork(start));
    const took = performance.now() - before;
    forks.forEach(engine.release);
    return took;
  });
  row('64 forks of a prefix of 120 tokens', (times.toSorted((a, b) => a - b)[10] as number).toFixed(3));
  const before = engine.pages.used;
  const copied = Array.from({ length: 9 }, () => {
    const before = performance.now();
    const states = engine.extend(Array.from({ length: 64 }, (_, i) => ({ state: start, ids: [8 + i] })));
    const took = performance.now() - before;
    const pages = engine.pages.used;
    states.forEach(engine.release);
    return { took, pages };
  });
  row(
    'and one more token for each, pages copied',
    copied.map(({ took }) => took).toSorted((a, b) => a - b)[4] as number,
  );
  row(
    `pages of it (${engine.pages.bytes / 1024} KiB each), shared; unshared`,
    copied[0]?.pages ?? NaN,
    String(64 * before),
  );
  const starts = Array.from({ length: 5 }, () =>
    Number(
      execFileSync(process.execPath, [fileURLToPath(import.meta.url), COLD, ...(file ? [file] : [])], {
        encoding: 'utf8',
      }),
    ),
  );
  row('cold start: weights, kernels, a prompt, the first token', starts.toSorted((a, b) => a - b)[2] as number);
}

/** MiB on disk of a folder, or of the packages beside it where it is one of several. */
function megabytes(...paths: readonly string[]): number {
  const bytes = (path: string): number => {
    const facts = statSync(path);
    if (!facts.isDirectory()) return facts.size;
    return readdirSync(path).reduce((sum, name) => sum + bytes(join(path, name)), 0);
  };
  return paths.reduce((sum, path) => sum + bytes(path), 0) / 2 ** 20;
}

/** Ours and llama.cpp's rates in turns, and the ratios that matter. */
async function besides(model: string): Promise<void> {
  const library = process.env['PLUSX_LLAMA'];
  if (!library) {
    console.error(
      'Set PLUSX_LLAMA to the address of the module node-llama-cpp, such as .../node-llama-cpp/dist/index.js',
    );
    process.exit(2);
  }
  const given = process.argv.find((argument) => argument.startsWith('--threads='))?.slice('--threads='.length);
  const threads = given ? given.split(',').map(Number) : threadCounts();
  const rates = await sideBySide({
    weights: file,
    gguf: model,
    prompt,
    library: library.startsWith('/') ? pathToFileURL(library).href : library,
    rounds: 5,
    batch: 64,
    threads,
  });
  row('', 'tokens/s', 'a cpu second');
  for (const [what, { clock, processor }] of rates) row(what, clock, processor);
  const none: Rate = { clock: Number.NaN, processor: Number.NaN };
  const ours = rates.get('plusx, together') ?? none;
  row('64 candidates of one prompt, ratios', 'clock', 'cpu');
  for (const [what, other] of rates)
    if (what.startsWith('llama')) row(`  to ${what}`, ours.clock / other.clock, ours.processor / other.processor);
  const root = fileURLToPath(new URL('..', import.meta.url));
  row('installed, MiB: dist and weights', megabytes(join(root, 'dist'), file));
  const packages = /^(.*\/node_modules\/)node-llama-cpp\//.exec(fileURLToPath(new URL(library, 'file:')))?.[1];
  if (packages) row('installed, MiB: the folder of node-llama-cpp', megabytes(dirname(join(packages, '_'))));
}

if (process.argv.includes(COLD)) await cold();
else if (!process.argv.includes('--besides')) await table();
if (gguf && !process.argv.includes(COLD)) {
  await besides(gguf);
  process.exit(0); // llama.cpp keeps threads
}
