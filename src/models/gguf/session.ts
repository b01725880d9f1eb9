/**
 * Sequences of llama.cpp contexts: who may use which, what one takes over from another, and what has to be evaluated again.
 * Jobs on one context step together: a step begins when every job at work there waits for one, so that all of them are in
 * one batch. Left to itself the library begins with whoever comes first, and the others wait for a batch of their own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LlamaContext, LlamaInput, LlamaNext, LlamaSequence, LlamaWant } from './library.ts';

/** A sequence in the hands of one job. */
export interface Held {
  /**
   * Brings the sequence to `tokens`, from the prefix that it shares with them, and reads what is wanted behind each token
   * from `start` on; `want` is given their places from there.
   */
  read(tokens: readonly number[], start: number, want: (place: number) => LlamaWant): Promise<Read>;
  /** Adds one token, and reads what is wanted behind it. */
  push(token: number, want: LlamaWant): Promise<LlamaNext>;
}

export interface Read {
  readonly nexts: readonly LlamaNext[];
  /** How many tokens at the beginning were known and not evaluated again. */
  readonly reused: number;
}

export interface Sequences {
  /** Runs `work` on a free sequence, the one that holds most of the beginning of `tokens`. */
  use<T>(tokens: readonly number[], signal: AbortSignal | undefined, work: (held: Held) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

interface Slot {
  readonly sequence: LlamaSequence;
  readonly steps: Steps;
  /** What it holds, or is about to read. */
  tokens: readonly number[];
  /** Set until its job has read its tokens: tells the jobs that wait to take over what they share with them. */
  followers: ((state: State | undefined) => void)[] | undefined;
}

/** What a sequence holds, as a file that several take over. */
interface State {
  readonly file: string;
  takers: number;
}

/** A state is written and read in the time in which about so many tokens are evaluated. */
const WORTH_TAKING = 16;

/** `count` sequences, spread over the contexts. */
export function sequencesOf(contexts: readonly LlamaContext[], count: number): Sequences {
  const groups = contexts.map((context) => ({ context, steps: inStep() }));
  const slots = Array.from({ length: count }, (_, i): Slot => {
    const { context, steps } = groups[i % groups.length] as (typeof groups)[number];
    return { sequence: context.getSequence(), steps, tokens: [], followers: undefined };
  });
  const free = new Set(slots);
  const waiting: (() => void)[] = [];
  const states = stateFiles();

  /** The free sequence that holds most of the beginning of the tokens; of equals one on the context with least work. */
  const nearest = (tokens: readonly number[]): Slot => {
    const held = new Map(Array.from(free, (slot) => [slot, shared(slot.sequence, tokens)]));
    const most = Math.max(...held.values());
    const best = [...held.keys()].filter((slot) => held.get(slot) === most);
    return best.reduce((a, b) => (b.steps.working() < a.steps.working() ? b : a));
  };
  /** Another sequence that holds, or is reading, much more of the tokens. */
  const leaderOf = (slot: Slot, tokens: readonly number[]): Slot | undefined => {
    const least = shared(slot.sequence, tokens) + WORTH_TAKING;
    const lengths = slots.map((other) => (other === slot ? 0 : common(other.tokens, tokens)));
    const most = Math.max(...lengths);
    return most >= least ? slots[lengths.indexOf(most)] : undefined;
  };

  return {
    async use(tokens, signal, work) {
      while (free.size === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const slot = nearest(tokens);
      free.delete(slot);
      const { sequence, steps } = slot;
      const leader = leaderOf(slot, tokens);
      slot.tokens = tokens;
      slot.followers = [];
      steps.enter();
      const lead = async (): Promise<void> => {
        const followers = slot.followers ?? [];
        slot.followers = undefined;
        if (followers.length === 0) return;
        const state = await states.of(sequence, followers.length);
        for (const follow of followers) follow(state);
      };
      try {
        if (leader) {
          steps.leave(); // the leader may be on this context, and must not wait for who waits for it
          const state = await new Promise<State | undefined>((resolve) => {
            const follow = (taken: State | undefined): void => {
              steps.enter(); // at once, so that the leader makes no step without them
              resolve(taken);
            };
            if (leader.followers) leader.followers.push(follow);
            else void states.of(leader.sequence, 1).then(follow);
          });
          if (state) await states.takeOver(sequence, state);
        }
        signal?.throwIfAborted();
        return await work({
          async read(all, start, want) {
            const read = await evaluate(sequence, all, start, want, steps.turn);
            await lead();
            return read;
          },
          async push(token, want) {
            await steps.turn();
            const [output] = await sequence.controlledEvaluate([[token, { generateNext: want }]]);
            return answered(output);
          },
        });
      } finally {
        if (slot.followers) {
          slot.tokens = []; // it came to nothing
          for (const follow of slot.followers) follow(undefined);
          slot.followers = undefined;
        }
        steps.leave();
        free.add(slot);
        waiting.shift()?.();
      }
    },
    dispose: () => states.dispose(),
  };
}

interface Steps {
  enter(): void;
  leave(): void;
  working(): number;
  /** Waits until all that have entered wait. */
  turn(): Promise<void>;
}

function inStep(): Steps {
  let working = 0;
  let ready: (() => void)[] = [];
  const begin = (): void => {
    if (ready.length < working) return;
    const all = ready;
    ready = [];
    for (const go of all) go();
  };
  return {
    enter: () => void working++,
    leave() {
      working--;
      begin();
    },
    working: () => working,
    turn: () =>
      new Promise((resolve) => {
        ready.push(resolve);
        begin();
      }),
  };
}

interface StateFiles {
  /** Writes what a sequence holds, for so many takers; `undefined` where that cannot be done, and they read for themselves. */
  of(sequence: LlamaSequence, takers: number): Promise<State | undefined>;
  takeOver(sequence: LlamaSequence, state: State): Promise<void>;
  dispose(): Promise<void>;
}

/** Files in a folder that only this user may read, each there for a moment: the library has no other way to copy a state. */
function stateFiles(): StateFiles {
  let folder: Promise<string> | undefined;
  let written = 0;
  return {
    async of(sequence, takers) {
      folder ??= mkdtemp(join(tmpdir(), 'plusx-gguf-'));
      try {
        const file = join(await folder, String(written++));
        await sequence.saveStateToFile(file);
        return { file, takers };
      } catch {
        return undefined; // a full or a read-only disk costs time, and changes nothing
      }
    },
    async takeOver(sequence, state) {
      try {
        await sequence.loadStateFromFile(state.file, { acceptRisk: true });
      } catch {
        await sequence.clearHistory();
      } finally {
        if (--state.takers === 0) await rm(state.file, { force: true });
      }
    },
    async dispose() {
      if (folder) await rm(await folder.catch(() => ''), { recursive: true, force: true });
    },
  };
}

function common(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

const shared = (sequence: LlamaSequence, tokens: readonly number[]): number =>
  sequence.nextTokenIndex === 0 ? 0 : sequence.compareContextTokens([...tokens]).firstDifferentIndex;

async function evaluate(
  sequence: LlamaSequence,
  tokens: readonly number[],
  start: number,
  want: (place: number) => LlamaWant,
  turn: () => Promise<void>,
): Promise<Read> {
  const keep = Math.min(shared(sequence, tokens), start);
  if (keep === 0) await sequence.clearHistory();
  else if (keep < sequence.nextTokenIndex)
    await sequence.eraseContextTokenRanges([{ start: keep, end: sequence.nextTokenIndex }]);
  // A cache that cannot be cut (a sliding window) drops more than it was asked to.
  const reused = Math.min(keep, sequence.nextTokenIndex);
  const input = tokens
    .slice(reused)
    .map((token, i): LlamaInput => (reused + i < start ? token : [token, { generateNext: want(reused + i - start) }]));
  await turn();
  const output = await sequence.controlledEvaluate(input);
  return { nexts: tokens.slice(start).map((_, i) => answered(output[start - reused + i])), reused };
}

function answered(output: { readonly next: LlamaNext } | undefined): LlamaNext {
  if (!output) throw new TypeError('gguf: no logits where they were asked for');
  return output.next;
}
