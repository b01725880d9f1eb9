/** Searches that are killed at random points and gone on with. */
import { expect } from 'vitest';
import { techniques } from '../../catalog.ts';
import { seeded, type Journal, type JournalEntry } from '../../core/index.ts';
import { compile, type Compiled } from '../compile.ts';
import { parseSpace } from '../space/parse.ts';
import { questions, world } from './world.ts';

const SPACE = parseSpace('demos(k=[0, 2]) + maybe(reRead) + selfConsistency(n=[3, 5], stop=["fixed", "adaptive"])', {
  techniques,
  model: () => undefined,
});

/** What is on disk: what was put before the kill is there after it, and nothing of it later. */
function disk(): Journal & { killAfter(puts: number, kill: () => void): void; readonly size: number } {
  const entries = new Map<string, JournalEntry>();
  let left = Infinity;
  let kill = (): void => {};
  return {
    get size() {
      return [...entries.values()].filter(({ beside }) => !beside).length;
    },
    killAfter(puts, how) {
      [left, kill] = [puts, how];
    },
    get: (key) => entries.get(key),
    put(key, entry) {
      if (left <= 0) return; // a dead process writes nothing
      if (!entries.has(key)) entries.set(key, entry);
      if (--left === 0) kill();
    },
  };
}

/** Kills every run so often, and expects the report that it would have had, and nothing paid twice but what was in flight. */
export async function killedAndGoneOn(runs: number, kills: number): Promise<void> {
  for (let seed = 0; seed < runs; seed++) {
    const search = (base: ReturnType<typeof world>, journal: Journal, signal?: AbortSignal): Promise<Compiled> =>
      compile(SPACE, questions(40), { model: base, budget: { calls: 900 }, seed, journal, signal });
    const model = { right: (prompt: string) => (prompt.length > 60 ? 0.7 : 0.5) };
    const whole = world(model);
    const { report } = await search(whole, disk());
    const base = world(model);
    const journal = disk();
    let inFlight = 0;
    for (let kill = 0; kill < kills; kill++) {
      const killer = new AbortController();
      journal.killAfter(
        1 + Math.floor((seeded(`${seed}/${kill}`).seed() / 2 ** 31) * (whole.calls.length / kills)),
        () => killer.abort(new Error('killed')),
      );
      const before = { calls: base.calls.length, kept: journal.size };
      await expect(search(base, journal, killer.signal)).rejects.toThrow('killed');
      inFlight += base.calls.length - before.calls - (journal.size - before.kept);
    }
    journal.killAfter(Infinity, () => {});
    expect((await search(base, journal)).report).toEqual(report);
    const broken = whole.calls.length - journal.size; // a call that failed is made again
    expect(base.calls.length).toBeLessThanOrEqual(whole.calls.length + inFlight + broken);
  }
}
