/** The same operations on two databases, in one process and in several that are killed: what can be seen must be the same. */
import { join } from 'node:path';
import { seeded } from '../../core/index.ts';
import { openStore } from '../store.ts';
import { run } from './children.ts';
import { operations, seen } from './operations.ts';

/** Does `count` operations on each store, one after the other. Resolves to the first that were not seen alike, if any. */
export async function alike(stores: readonly string[], seed: string, count: number): Promise<string | undefined> {
  const opened = stores.map((at) => openStore(at));
  const all = operations(seeded(seed), count);
  try {
    for (const [i, operation] of all.entries()) {
      const saw = await Promise.all(opened.map(async (store) => JSON.stringify(await operation.run(store))));
      if (new Set(saw).size > 1) return `operation ${i} of ${seed}, ${operation.name}: ${saw.join(' and ')}`;
    }
  } finally {
    for (const store of opened) await store.close();
  }
  const ends = await Promise.all(stores.map(seen));
  const [first = ''] = ends;
  const second = ends.find((end) => end !== first) ?? first;
  const differs = Array.from({ length: first.length }, (_, i) => i).find((i) => first[i] !== second[i]) ?? first.length;
  const near = (text: string): string => text.slice(Math.max(0, differs - 100), differs + 100);
  return first === second ? undefined : `the end of ${seed}: ${near(first)} and ${near(second)}`;
}

const TENTHS = Array.from({ length: 11 }, () => 1);
const OPERATOR = join(import.meta.dirname, 'operator.ts');

/** Three processes, each with `count` operations of its own, killed after about every `every`-th. Resolves to how many were killed. */
export async function killed(at: string, seed: string, count: number, every: number): Promise<number> {
  let kills = 0;
  await Promise.all(
    ['p0/', 'p1/', 'p2/'].map(async (own) => {
      const random = seeded(`kills of ${seed}/${own}`);
      for (let isDone = false; !isDone;) {
        const until = Math.ceil(every * (0.5 + random.categorical(TENTHS) / 10));
        const child = run(OPERATOR, [at, seed, own, `${count}`], {}, (said, one) => {
          if (said.length >= until && !said.includes('all')) one.kill();
        });
        const { stdout, stderr, signal } = await child.ended;
        if (signal === 'SIGKILL') kills++;
        else if (!stdout.endsWith('all')) throw new Error(stderr);
        else isDone = true;
      }
    }),
  );
  return kills;
}
