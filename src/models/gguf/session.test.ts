import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LlamaContext, LlamaInput, LlamaSequence, LlamaWant } from './library.ts';
import { sequencesOf } from './session.ts';

const WANT: LlamaWant = { logits: true };

/** States that were written, of all contexts. */
const files = new Map<string, readonly number[]>();

/** A context that only remembers: what each sequence holds, and in which order they were asked. */
function written({ states = true } = {}) {
  const log: { readonly id: number; readonly read: number }[] = [];
  let made = 0;
  const context: LlamaContext = {
    contextSize: 512,
    dispose: async () => {},
    getSequence() {
      const id = made++;
      let held: number[] = [];
      return {
        get nextTokenIndex() {
          return held.length;
        },
        compareContextTokens(tokens) {
          let length = 0;
          while (length < held.length && held[length] === tokens[length]) length++;
          return { firstDifferentIndex: length };
        },
        async eraseContextTokenRanges(ranges) {
          for (const { start, end } of ranges) held.splice(start, end - start);
        },
        async clearHistory() {
          held = [];
        },
        async controlledEvaluate(input: LlamaInput[]) {
          log.push({ id, read: input.length });
          await sleep(id * 4); // the first is always done first
          held.push(...input.map((item) => (typeof item === 'number' ? item : item[0])));
          return input.map((item) => (typeof item === 'number' ? undefined : { next: { logits: new Map() } }));
        },
        async saveStateToFile(file) {
          if (!states) throw new Error('no room');
          files.set(file, [...held]);
        },
        async loadStateFromFile(file) {
          held = [...(files.get(file) ?? [])];
        },
      } satisfies LlamaSequence;
    },
  };
  return { context, log };
}

const PROMPT = Array.from({ length: 40 }, (_, i) => i);

async function draw(pool: ReturnType<typeof sequencesOf>, prompt: readonly number[], steps: number): Promise<number> {
  return pool.use(prompt, undefined, async (held) => {
    const { reused } = await held.read(prompt, prompt.length - 1, () => WANT);
    for (let step = 0; step < steps; step++) await held.push(1000 + step, WANT);
    return reused;
  });
}

describe('sequences side by side', () => {
  it('step together, however soon each of them is done', async () => {
    const { context, log } = written();
    const pool = sequencesOf([context], 3);
    await Promise.all([0, 1, 2].map((other) => draw(pool, [other, 7], 5)));
    for (let round = 0; round < log.length; round += 3)
      expect(new Set(log.slice(round, round + 3).map(({ id }) => id)).size).toBe(3);
    expect(log).toHaveLength(18);
    await pool.dispose();
  });

  it('one that is done sooner leaves the others to themselves', async () => {
    const { context, log } = written();
    const pool = sequencesOf([context], 2);
    await Promise.all([draw(pool, [1], 1), draw(pool, [2], 6)]);
    expect(log.filter(({ id }) => id === 1)).toHaveLength(7);
    await pool.dispose();
  });

  it.each([1, 2])('read the same beginning once, on %i contexts', async (count) => {
    const contexts = Array.from({ length: count }, () => written());
    const pool = sequencesOf(
      contexts.map(({ context }) => context),
      4,
    );
    const reused = await Promise.all(Array.from({ length: 6 }, () => draw(pool, PROMPT, 3)));
    expect(reused).toEqual([0, 39, 39, 39, 39, 39]);
    expect(contexts.flatMap(({ log }) => log).filter(({ read }) => read > 1)).toHaveLength(1);
    const other = await draw(pool, [...PROMPT.slice(0, 20), 99, 98], 1);
    expect(other).toBe(20);
    await pool.dispose();
  });

  it('read it each for itself where a state cannot be written, or its reader fails', async () => {
    const { context } = written({ states: false });
    const pool = sequencesOf([context], 2);
    expect(await Promise.all([draw(pool, PROMPT, 2), draw(pool, PROMPT, 2)])).toEqual([0, 0]);
    const long = [...PROMPT].reverse();
    const failed = pool.use(long, undefined, () => Promise.reject(new Error('before it read')));
    const after = draw(pool, long, 1);
    await expect(failed).rejects.toThrow('before it read');
    expect(await after).toBe(0);
    await pool.dispose();
  });

  it('go to the context that has least to do', async () => {
    const contexts = [written(), written()];
    const pool = sequencesOf(
      contexts.map(({ context }) => context),
      4,
    );
    await Promise.all([draw(pool, [1], 2), draw(pool, [2], 2)]);
    for (const { log } of contexts) expect(log).toHaveLength(3);
    await pool.dispose();
  });
});
