/**
 * A local file through plusx, beside node-llama-cpp's own sampler under the same law (temperature 1, the whole vocabulary)
 * and beside llama.cpp's server, in turns, so that all meet the same company on the machine:
 *
 *     PLUSX_LLAMA=.../node-llama-cpp/dist/index.js node benchmarks/gguf.ts FILE [--server=http://127.0.0.1:18190/v1]
 *
 * `--tokens=48` a candidate, `--rounds=5`, `--threads=1,2` for the library (a plusx candidate alone takes one thread less than
 * there are cores). Every run has a prompt of its own, so that each reads it once. Rates are medians, tokens a second of the
 * clock and of processor time; on a busy machine the first are those of the company, and the ratios are what counts.
 */
import { pathToFileURL } from 'node:url';
import { rootScope, user } from '../src/core/index.ts';
import { gguf, llamaLibrary } from '../src/models/gguf/index.ts';
import { openaiCompatible } from '../src/models/openai/index.ts';
import { inTurns, median, type Rate } from './in-turns.ts';

/** As much of node-llama-cpp as is used here: its own sampler and its own batching. */
interface Library {
  getLlama(options: object): Promise<{ loadModel(options: { modelPath: string }): Promise<LlamaModel> }>;
}
interface LlamaModel {
  createContext(options: object): Promise<{ getSequence(): LlamaSequence }>;
  tokenize(text: string): number[];
  isEogToken(token: number): boolean;
}
interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
}
const file = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const given = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const address = process.env['PLUSX_LLAMA'];
if (!file || !address) {
  console.error('PLUSX_LLAMA=.../node-llama-cpp/dist/index.js node benchmarks/gguf.ts FILE [--server=URL]');
  process.exit(2);
}
const TOKENS = Number(given('tokens') ?? 48);
const ROUNDS = Number(given('rounds') ?? 5);
const SEQUENCES = 4;
const module_ = address.startsWith('/') ? pathToFileURL(address).href : address;
let asked = 0;
const question = (): string =>
  `Note ${asked++}. The small town lies between two hills, and a river runs through it. Every spring the water rises and the people carry their things to the upper floors. This year an old man wrote down what he saw, day by day, in a brown book:`;

const tasks = new Map<string, () => Promise<number>>();
const { getLlama } = (await import(module_)) as Library;
for (const threads of (given('threads') ?? '1').split(',').map(Number)) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'disabled',
    maxThreads: threads,
  });
  const model = await llama.loadModel({ modelPath: file });
  const context = await model.createContext({
    sequences: SEQUENCES,
    contextSize: 1024,
    flashAttention: false,
    threads,
  });
  const sequences = Array.from({ length: SEQUENCES }, () => context.getSequence());
  const write = async (sequence: LlamaSequence, prompt: readonly number[]): Promise<number> => {
    await sequence.clearHistory();
    let tokens = 0;
    const sampler = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: asked, yieldEogToken: true };
    for await (const token of sequence.evaluate(prompt, sampler)) {
      tokens++;
      if (model.isEogToken(token) || tokens === TOKENS) break;
    }
    return tokens;
  };
  const name = `node-llama-cpp, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  tasks.set(`${name}: one`, () => write(sequences[0] as LlamaSequence, model.tokenize(question())));
  tasks.set(`${name}: 4 together`, async () => {
    const prompt = model.tokenize(question());
    const counts = await Promise.all(sequences.map((sequence) => write(sequence, prompt)));
    return counts.reduce((sum, count) => sum + count, 0);
  });
}

const library = await llamaLibrary(() => import(module_) as Promise<unknown>);
const template = ([first]: readonly { content: string }[]): string => first?.content ?? '';
const options = { library, contextSize: 1024, sequences: SEQUENCES, template };
const ours = await gguf(file, options);
const exact = await gguf(file, { ...options, exact: true });
const server = given('server');
const remote = server ? openaiCompatible({ baseURL: server, model: 'model', api: 'completions' }) : undefined;
const sample = async (model: typeof ours | NonNullable<typeof remote>, n: number, alone = false): Promise<number> => {
  const { context, close } = rootScope({ seed: asked });
  const request = { prompt: [user(question())], maxOutputTokens: TOKENS, temperature: 1, topP: 1 };
  const parts = alone ? Array.from({ length: n }, (_, from) => ({ ...request, from })) : [{ ...request, n }];
  const made = await Promise.all(parts.map((part) => model.sample(part, context)));
  close();
  return made.reduce((sum, { usage }) => sum + (usage.outputTokens ?? Number.NaN), 0);
};
tasks.set('plusx: one', () => sample(ours, 1));
tasks.set('plusx: 4 of one prompt', () => sample(ours, 4));
tasks.set('plusx: 8 of one prompt', () => sample(ours, 8));
tasks.set('plusx, exact: one', () => sample(exact, 1));
if (remote) for (const n of [1, 4, 8]) tasks.set(`llama.cpp server: ${n}`, () => sample(remote, n, true));

// The server's time is not in this process.
const rates = await inTurns(tasks, ROUNDS, (what) => what.startsWith('llama.cpp server'));
const row = (what: string, ...cells: readonly number[]): void =>
  console.log(
    `${what.padEnd(44)}${cells.map((cell) => (Number.isNaN(cell) ? '' : cell.toFixed(2)).padStart(14)).join('')}`,
  );
console.log(`${''.padEnd(44)}${'tokens/s'.padStart(14)}${'a cpu second'.padStart(14)}`);
for (const [what, all] of rates)
  row(what, median(all.map(({ clock }) => clock)), median(all.map(({ processor }) => processor)));
console.log('\nratios, medians over the rounds');
/** What stands side by side in a round is compared within it. */
function ratio(a: string, b: string): void {
  const [first = [], second = []] = [rates.get(a), rates.get(b)];
  const of = (key: keyof Rate): number => median(first.map((rate, i) => rate[key] / (second[i]?.[key] ?? Number.NaN)));
  row(`${a} / ${b}`.slice(0, 64).padEnd(64), of('clock'), of('processor'));
}
const singles = [...rates.keys()].filter((what) => what.endsWith(': one') && !what.includes('exact'));
const best = singles.reduce((a, b) =>
  median((rates.get(b) ?? []).map(({ clock }) => clock)) > median((rates.get(a) ?? []).map(({ clock }) => clock))
    ? b
    : a,
);
for (const single of singles) if (!single.startsWith('plusx')) ratio('plusx: one', single);
ratio('plusx: 4 of one prompt', best);
ratio('plusx: 8 of one prompt', best);
for (const what of rates.keys()) if (what.endsWith('4 together')) ratio('plusx: 4 of one prompt', what);
if (remote)
  for (const n of [1, 4, 8]) ratio(n === 1 ? 'plusx: one' : `plusx: ${n} of one prompt`, `llama.cpp server: ${n}`);
process.exit(0); // llama.cpp keeps threads
