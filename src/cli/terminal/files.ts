/** Files that a verb writes. They are opened before the first call, so that nothing is paid for that cannot be kept. */
import { mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface OutputFile extends AsyncDisposable {
  /** Puts the text into the file, in the place of what was there. */
  write(text: string): Promise<void>;
  /** Adds to the file. The first text takes the place of what was there. */
  add(text: string): Promise<void>;
}

/** For its owner only: what is written quotes questions and replies. */
const PRIVATE = 0o600;
/** A picture is made to be shown. */
const SHARED = 0o644;

/**
 * Opens a file to be written, with the folder it lies in; none where none is named. What was there stays until something is written,
 * and a file that was made for nothing is taken away again.
 */
export async function outputFile(
  path: string | undefined,
  { shared = false }: { readonly shared?: boolean } = {},
): Promise<OutputFile | undefined> {
  if (path === undefined) return undefined;
  const isNew = await stat(path).then(
    () => false,
    () => true,
  );
  await mkdir(dirname(path), { recursive: true });
  const handle: FileHandle = await open(path, 'a', shared ? SHARED : PRIVATE);
  let begun = false;
  const begin = async (): Promise<void> => {
    if (!begun && (await handle.stat()).isFile()) await handle.truncate(0);
    begun = true;
  };
  // One after the other: what is added comes in the order in which it was added.
  let last: Promise<void> = Promise.resolve();
  const after = (work: () => Promise<void>): Promise<void> => (last = last.then(work));
  return {
    write: (text) =>
      after(async () => {
        begun = false;
        await begin();
        await handle.appendFile(text);
      }),
    add: (text) =>
      after(async () => {
        await begin();
        await handle.appendFile(text);
      }),
    async [Symbol.asyncDispose]() {
      await last.catch(() => {});
      await handle.close();
      if (isNew && !begun) await rm(path, { force: true });
    },
  };
}
