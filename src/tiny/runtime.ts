/** The engine behind promises: every reading of one turn is one batch, and prompts that were read before are remembered. */
import { createBatcher } from './batcher.ts';
import { createEngine, type Engine, type Job, type State } from './network/engine.ts';
import { createSpelling, type Spelling } from './spelling/spelling.ts';
import { createTokenizer, type Tokenizer } from './spelling/tokenizer.ts';
import type { Weights } from './network/weights.ts';

export interface Runtime {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly spelling: Spelling;
  /** Names the weights. */
  readonly digest: string;
  /** The state after a prompt, as a hold of the caller's own. The same prompt is read once, its beginnings are shared. */
  prompt(ids: readonly number[]): Promise<State>;
  /** Reads on. The given state stays as it is. */
  extend(state: State, ids: readonly number[], visit?: Job['visit']): Promise<State>;
}

export interface RuntimeOptions {
  /** Bytes of keys and values of prompts to remember. Default 16 MiB, some twenty prompts of 120 tokens. */
  readonly remember?: number;
}

/** Jobs of a batch. */
const MOST_JOBS = 128;

export function createRuntime(weights: Weights, { remember = 2 ** 24 }: RuntimeOptions = {}): Runtime {
  const engine = createEngine(weights);
  const batched = createBatcher<Job, State>((jobs) => engine.extend(jobs), MOST_JOBS);
  const extend: Runtime['extend'] = (state, ids, visit) => batched({ state, ids, visit });
  const tokenizer = createTokenizer(weights.tokenizer);
  return {
    engine,
    tokenizer,
    spelling: createSpelling(tokenizer),
    digest: weights.digest,
    prompt: rememberPrompts(engine, extend, Math.floor(remember / engine.pages.bytes)),
    extend,
  };
}

interface Known {
  readonly ids: readonly number[];
  readonly read: Promise<State>;
  state?: State;
  /** Callers that wait for `read`: until they hold it themselves it must not be released. */
  waiting: number;
}

function rememberPrompts(engine: Engine, extend: Runtime['extend'], mostPages: number): Runtime['prompt'] {
  const known = new Map<string, Known>(); // the least recently used first

  const forget = (): void => {
    let pages = 0;
    for (const { state } of known.values()) pages += state?.pages.length ?? 0;
    for (const [key, { state, waiting }] of known) {
      if (pages <= mostPages) return;
      if (!state || waiting > 0) continue;
      pages -= state.pages.length;
      known.delete(key);
      engine.release(state);
    }
  };

  /** Reads what no remembered prompt begins with. */
  const read = async (ids: readonly number[]): Promise<State> => {
    let start = engine.empty;
    let shared = 0;
    for (const { ids: others, state } of known.values()) {
      const common = Math.min(commonLength(ids, others), ids.length - 1);
      if (state && common > shared) {
        start = state;
        shared = common;
      }
    }
    const beginning = engine.fork(start, shared);
    try {
      return await extend(beginning, ids.slice(shared));
    } finally {
      engine.release(beginning);
    }
  };

  return async (ids) => {
    const key = ids.join();
    let entry = known.get(key);
    if (entry) known.delete(key);
    else {
      const made: Known = { ids, read: read(ids), waiting: 0 };
      entry = made;
    }
    known.set(key, entry);
    entry.waiting++;
    try {
      entry.state = await entry.read;
      return engine.fork(entry.state);
    } catch (error) {
      known.delete(key);
      throw error;
    } finally {
      entry.waiting--;
      forget();
    }
  };
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i < most && a[i] === b[i]) i++;
  return i;
}
