/** Files from outside, read within bounds. */
import { open } from 'node:fs/promises';
import { ConfigError } from './read.ts';

/** The text of a file of at most so many bytes, in UTF-8. A mark at its beginning is none of the text. */
export async function readBounded(file: string, most: number): Promise<string> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError({
      file,
      problem: error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`,
    });
  });
  try {
    const { size } = await handle.stat();
    if (size > most) throw tooLarge(file, most);
    const bytes = await handle.readFile().catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError({
        file,
        problem: error.code === 'EISDIR' ? 'is a folder' : `cannot be read (${error.code})`,
      });
    });
    if (bytes.length > most) throw tooLarge(file, most); // what is no plain file tells no size
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError({ file, problem: 'is no UTF-8 text' });
  } finally {
    await handle.close();
  }
}

function tooLarge(file: string, most: number): ConfigError {
  return new ConfigError({ file, problem: `is larger than ${most} bytes` });
}
