/** Four writers on one file are killed at some moment; nothing that was acknowledged may be missing afterwards. */
import { join } from 'node:path';
import { textOf } from '../../core/index.ts';
import { openStore } from '../store.ts';
import { run } from './children.ts';

const WRITER = join(import.meta.dirname, 'writer.ts');

export interface Killed {
  readonly acknowledged: number;
  readonly lost: number;
  readonly stderr: string;
}

/** One round on `file`: once all of `writers` processes write, kills one every `ms` milliseconds. */
export async function killWriters(file: string, round: string, ms: number, writers = 4): Promise<Killed> {
  const children = Array.from({ length: writers }, (_, i) => run(WRITER, [file, `${round}/${i}`]));
  await Promise.all(children.map((child) => child.speaks));
  for (const child of children) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.kill();
  }
  const ended = await Promise.all(children.map((child) => child.ended));
  const store = openStore(file);
  let acknowledged = 0;
  let lost = 0;
  // The last line of a killed process may be cut off.
  for (const key of ended.flatMap(({ stdout }) => stdout.split('\n').slice(0, -1))) {
    acknowledged++;
    const found = await store.journal.get(key);
    if (!found || textOf(found.candidate.content) !== `the reply of ${key}`) lost++;
  }
  await store.close();
  return { acknowledged, lost, stderr: ended.map(({ stderr }) => stderr).join('') };
}
