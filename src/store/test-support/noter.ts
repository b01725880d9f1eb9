/** A process that puts notes into a memory, each in a transaction of its own, removes every third, and says how many it left. */
import { openMemory } from '../memory.ts';

const [file, name, count] = process.argv.slice(2) as [string, string, string];
const memory = openMemory({ file, busyMs: 60_000 });
let left = 0;
for (let i = 0; i < Number(count); i++) {
  await memory.put('shared', [{ id: `${name}/${i}`, text: `note ${i} of writer ${name}` }]);
  await memory.put(`own-${name}`, [{ id: `${i}`, text: `note ${i} of writer ${name}` }]);
  left++;
  if (i % 3 === 2) left -= await memory.remove('shared', [`${name}/${i - 1}`]);
}
await memory.close();
console.log(left);
