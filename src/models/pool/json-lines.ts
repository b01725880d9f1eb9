/** Reads files of one JSON value a line, gzipped or not. Errors name the file and the line, and what is expected there. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError } from '../../core/index.ts';

export interface JsonLine {
  /** Counted from 1. */
  readonly line: number;
  readonly value: { readonly [key: string]: unknown };
}

/** The text of a file. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const problem =
      error.code === 'ENOENT'
        ? 'there is no such file'
        : error.code === 'EISDIR'
          ? 'is a folder, not a file'
          : `cannot be read (${error.code ?? error.message})`;
    throw new DataError({ file, problem: `${problem}. Check the path.` });
  });
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip
    ? await promisify(gunzip)(bytes).catch((error: Error) => {
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
