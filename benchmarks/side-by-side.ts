/** The embedded runtime beside llama.cpp on the same weights, in turns, so that both meet the same company on the machine. */
import { availableParallelism } from 'node:os';
import { rootScope, type Request } from '../src/core/index.ts';
import { tiny } from '../src/models/tiny/index.ts';
import { inTurns, medianRate, type Rate } from './in-turns.ts';
import { chatIds, createRuntime, parseWeights, readWeights, turnsOf } from '../src/tiny/index.ts';

/** As much of node-llama-cpp as is used here: its own sampler and its own batching. */
interface Library {
  getLlama(options: object): Promise<{ loadModel(options: { modelPath: string }): Promise<LlamaModel> }>;
}
interface LlamaModel {
  createContext(options: object): Promise<{ getSequence(): LlamaSequence; dispose(): Promise<void> }>;
  isEogToken(token: number): boolean;
  dispose(): Promise<void>;
}
interface LlamaSequence {
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  eraseContextTokenRanges(ranges: readonly { readonly start: number; readonly end: number }[]): Promise<void>;
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
}

export interface SideBySide {
  readonly weights: string | undefined;
  readonly gguf: string;
  readonly prompt: Request['prompt'];
  /** The address of node-llama-cpp. */
  readonly library: string;
  readonly rounds: number;
  /** Candidates of one prompt. */
  readonly batch: number;
  readonly threads: readonly number[];
}

/** The median rate of each thing measured. */
export async function sideBySide(options: SideBySide): Promise<ReadonlyMap<string, Rate>> {
  const { weights, gguf, prompt, library, rounds, batch, threads } = options;
  const model = tiny({ weights });
  const { tokenizer } = createRuntime(parseWeights(readWeights(weights)));
  const ids = chatIds(tokenizer, turnsOf(prompt));
  let seed = 0;
  const ours = async (n: number): Promise<number> => {
    const { context, close } = rootScope({ seed: seed++ });
    const { usage } = await model.sample({ prompt, n }, context);
    close();
    return usage.outputTokens ?? Number.NaN;
  };
  const tasks = new Map<string, () => Promise<number>>([
    ['plusx, one', () => repeated(Math.min(8, batch), () => ours(1))],
    ['plusx, together', () => ours(batch)],
  ]);
  const { getLlama } = (await import(library)) as Library;
  const open: { dispose(): Promise<void> }[] = [];
  for (const count of threads) {
    const llama = await getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: 'disabled',
      maxThreads: count,
    });
    const loaded = await llama.loadModel({ modelPath: gguf });
    const settings = { contextSize: 256, flashAttention: false, threads: count };
    const alone = await loaded.createContext({ ...settings, sequences: 1 });
    const together = await loaded.createContext({ ...settings, sequences: batch, batchSize: 512 });
    open.push(alone, together, loaded);
    const sequence = alone.getSequence();
    const sequences = Array.from({ length: batch }, () => together.getSequence());
    const write = async (one: LlamaSequence): Promise<number> => {
      let tokens = 0;
      const sampler = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: seed++, yieldEogToken: true };
      for await (const token of one.evaluate(ids.slice(one.nextTokenIndex), sampler)) {
        tokens++;
        if (loaded.isEogToken(token) || tokens === 200) break;
      }
      return tokens;
    };
    const named = `llama.cpp, ${count} ${count === 1 ? 'thread' : 'threads'}`;
    tasks.set(`${named}, one after the other`, () =>
      repeated(batch, async () => {
        // The prompt is kept: only what was written is thrown away.
        if (sequence.nextTokenIndex >= ids.length)
          await sequence.eraseContextTokenRanges([{ start: ids.length - 1, end: sequence.nextTokenIndex }]);
        return write(sequence);
      }),
    );
    tasks.set(`${named}, together`, async () => {
      for (const one of sequences) await one.clearHistory();
      const counts = await Promise.all(sequences.map(write));
      return counts.reduce((sum, tokens) => sum + tokens, 0);
    });
  }
  const rates = await inTurns(tasks, rounds);
  for (const one of open) await one.dispose();
  return new Map(Array.from(rates, ([what, all]): [string, Rate] => [what, medianRate(all)]));
}

/** The thread counts worth a look: one, as the embedded runtime has, and one for each core. */
export const threadCounts = (): number[] => [...new Set([1, availableParallelism()])];

async function repeated(times: number, work: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += await work();
  return sum;
}
