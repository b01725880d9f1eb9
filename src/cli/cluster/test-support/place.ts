/** A run of workers with what it needs: a folder with questions, a provider that writes down who asks, and processes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folder, type Folder } from '../../test-support/folder.ts';
import { sums } from '../../test-support/gated.ts';
import { processes, type Processes } from './processes.ts';
import { provider, type Provider } from './provider.ts';

export interface Place extends AsyncDisposable {
  readonly here: Folder;
  readonly asks: Provider;
  readonly run: Processes;
  /** A file that a command wrote. */
  read(file: string): Promise<string>;
}

/** `sums.jsonl` has so many questions, which are answered after so many milliseconds. */
export async function place(items: number, latencyOf: (question: number) => number): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const here = stack.use(await folder());
  await here.write('sums.jsonl', sums(items));
  const asks = stack.adopt(await provider(latencyOf), (one) => one.close());
  const run = stack.use(processes(here.path));
  const all = stack.move();
  return {
    here,
    asks,
    run,
    read: (file) => readFile(join(here.path, file), 'utf8'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
