/** A process that does its operations one after the other, and says after which it is: to be killed, and to go on where it was. */
import { writeSync } from 'node:fs';
import { seeded } from '../../core/index.ts';
import { openStore } from '../store.ts';
import { operations } from './operations.ts';

const [at, seed, own, count] = process.argv.slice(2) as [string, string, string, string];
const store = openStore({ file: at, busyMs: 60_000 });
const progress = `progress of ${own}`;
const [last] = await store.runs.items(progress);
const done = Number(last?.result ?? 0);
const all = operations(seeded(`${seed}/${own}`), Number(count), own).filter(({ repeatable }) => repeatable);
for (const [i, operation] of all.entries()) {
  if (i < done) continue;
  await operation.run(store);
  await store.runs.saveItem(progress, { item: 'done', status: 'ok', result: i + 1 });
  writeSync(1, '.');
}
await store.close();
writeSync(1, 'all');
