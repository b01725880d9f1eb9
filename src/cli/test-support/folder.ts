/** A folder of the test's own, gone when the test is over. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file and returns where it is. */
  readonly write: (name: string, text: string) => Promise<string>;
}

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'plusx-'));
  return {
    path,
    async write(name, text) {
      await writeFile(join(path, name), text);
      return join(path, name);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** One JSON object a line. */
export function lines(...objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

/** A pool of two questions with four samples each: right 3 and 1 times out of 4. */
export const POOL = lines(
  { id: 'easy', question: 'What is 2 + 2?', gold: '4', samples: samplesOf('4', '4', '4', '5') },
  { id: 'hard', question: 'What is 17 * 24?', gold: '408', samples: samplesOf('408', '398', '398', '418') },
);

function samplesOf(right: string, ...others: readonly string[]): object[] {
  return [right, ...others].map((answer) => ({ text: `The answer is ${answer}.`, answer, correct: answer === right }));
}
