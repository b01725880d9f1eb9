/** Reads files of one JSON value a line, gzipped or not. Errors name the file and the line, and what is expected there. */
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DATA_FILE_BYTES } from '../../core/bounds.ts';
import { DataError } from '../../core/index.ts';

export interface JsonLine {
  /** Counted from 1. */
  readonly line: number;
  readonly value: { readonly [key: string]: unknown };
}

/** The text of a file. Throws DataError for one of more than `most` bytes, packed or not. */
export async function readText(file: string, most = DATA_FILE_BYTES): Promise<string> {
  const tooLarge = (packed: boolean): DataError =>
    new DataError({ file, problem: `has more than ${most} bytes${packed ? ' once unpacked' : ''}. Split it.` });
  const unreadable = (error: NodeJS.ErrnoException): never => {
    const problem =
      error.code === 'ENOENT'
        ? 'there is no such file'
        : error.code === 'EISDIR'
          ? 'is a folder, not a file'
          : `cannot be read (${error.code ?? error.message})`;
    throw new DataError({ file, problem: `${problem}. Check the path.` });
  };
  const { size } = await stat(file).catch(unreadable);
  if (size > most) throw tooLarge(false);
  const bytes = await readFile(file).catch(unreadable);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip
    ? await promisify(gunzip)(bytes, { maxOutputLength: most }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(true);
        throw new DataError({ file, problem: `is a broken gzip file (${error.message}). Fetch or write it again.` });
      })
    : bytes;
  return new TextDecoder().decode(plain);
}

/** The objects of a JSON Lines file, empty lines skipped. `expected` says what a line looks like, for the errors. */
export async function readJsonLines(file: string, expected: string): Promise<JsonLine[]> {
  const lines = (await readText(file)).split('\n').flatMap((text, i): JsonLine[] => {
    if (text.trim() === '') return [];
    const line = i + 1;
    const value = parse(text, file, line, expected);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new DataError({ file, line, problem: `is no JSON object. A line is ${expected}` });
    return [{ line, value: value as JsonLine['value'] }];
  });
  if (lines.length === 0) throw new DataError({ file, problem: `is empty. A line is ${expected}` });
  return lines;
}

function parse(text: string, file: string, line: number, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError({
      file,
      line,
      problem: `is not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')}). A line is ${expected}`,
    });
  }
}
