/** A process that writes to a store as fast as it can and says which entries were acknowledged: to be killed. */
import { writeSync } from 'node:fs';
import { openStore } from '../store.ts';
import { entry } from './entry.ts';

const [file, name] = process.argv.slice(2) as [string, string];
const { journal } = openStore({ file, busyMs: 60_000 });
const lane = async (of: number): Promise<void> => {
  for (let i = 0; ; i++) {
    const key = `${name}/${of}/${i}`;
    await journal.put(key, entry(`the reply of ${key}`));
    writeSync(1, `${key}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, (_, of) => lane(of)));
