/** Sequences of one llama.cpp context: who may use which, and what has to be evaluated again. */
import type { LlamaContext, LlamaInput, LlamaSequence } from './library.ts';

export interface Sequences {
  /** Runs `work` on a free sequence, the one that holds most of the beginning of `tokens`. */
  use<T>(
    tokens: readonly number[],
    signal: AbortSignal | undefined,
    work: (sequence: LlamaSequence) => Promise<T>,
  ): Promise<T>;
}

export function sequencesOf(context: LlamaContext, count: number): Sequences {
  const free = Array.from({ length: count }, () => context.getSequence());
  const waiting: (() => void)[] = [];
  return {
    async use(tokens, signal, work) {
      while (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      let sequence: LlamaSequence | undefined;
      try {
        signal?.throwIfAborted();
        sequence = nearest(free, tokens);
        free.splice(free.indexOf(sequence), 1);
        return await work(sequence);
      } finally {
        if (sequence) free.push(sequence);
        waiting.shift()?.();
      }
    },
  };
}

const shared = (sequence: LlamaSequence, tokens: readonly number[]): number =>
  sequence.nextTokenIndex === 0 ? 0 : sequence.compareContextTokens([...tokens]).firstDifferentIndex;

function nearest(sequences: readonly LlamaSequence[], tokens: readonly number[]): LlamaSequence {
  const [first, ...rest] = sequences as readonly [LlamaSequence, ...LlamaSequence[]];
  let [best, most] = [first, shared(first, tokens)];
  for (const sequence of rest) {
    const length = shared(sequence, tokens);
    if (length > most) [best, most] = [sequence, length];
  }
  return best;
}

export interface Evaluated {
  /** Logits of what follows each token from `start` on. */
  readonly logits: readonly Float64Array[];
  /** How many tokens at the beginning were known to the sequence and not evaluated again. */
  readonly reused: number;
}

/** Brings the sequence to `tokens`, from the prefix it shares with them, and reads the logits after each token from `start` on. */
export async function evaluate(
  sequence: LlamaSequence,
  tokens: readonly number[],
  start: number,
  vocabulary: number,
): Promise<Evaluated> {
  const keep = Math.min(shared(sequence, tokens), start);
  if (keep === 0) await sequence.clearHistory();
  else if (keep < sequence.nextTokenIndex)
    await sequence.eraseContextTokenRanges([{ start: keep, end: sequence.nextTokenIndex }]);
  // A cache that cannot be cut (a sliding window) drops more than it was asked to.
  const reused = Math.min(keep, sequence.nextTokenIndex);
  const input = tokens
    .slice(reused)
    .map((token, i): LlamaInput => (reused + i < start ? token : [token, { generateNext: { logits: true } }]));
  const output = await sequence.controlledEvaluate(input);
  const logits = tokens.slice(start).map((_, i) => dense(output[start - reused + i]?.next.logits, vocabulary));
  return { logits, reused };
}

function dense(logits: ReadonlyMap<number, number> | undefined, vocabulary: number): Float64Array {
  if (!logits) throw new TypeError('gguf: no logits where they were asked for');
  const values = new Float64Array(vocabulary).fill(-Infinity);
  for (const [token, logit] of logits) values[token] = logit;
  return values;
}
