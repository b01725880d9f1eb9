/**
 * A cassette: the file that recorded answers are kept in. One JSON object a line, so that it can be read, compared and
 * committed. The first line says whose answers they are; every other one is a request with one answer to it.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  canonicalJson,
  DataError,
  decodeJson,
  encodeJson,
  requestKey,
  type Candidate,
  type Capabilities,
  type Json,
  type Request,
  type Usage,
} from '../../core/index.ts';
import { cleanValue } from './cassette-secrets.ts';

export interface Recording {
  /** Without `n`, `from` and headers. */
  readonly request: Request;
  /** Names the draw: the run's seed and the address in it. Left out by hand, any draw may get it. */
  readonly draw?: string | undefined;
  /** What the answer was to start with, or the text that was scored. */
  readonly prefix?: string | undefined;
  readonly scored?: string | undefined;
  readonly candidate: Candidate;
  readonly usage: Usage;
}

interface Head {
  readonly plusx: 'cassette';
  readonly version: number;
  readonly model: string;
  readonly can: Capabilities;
}

export interface Cassette {
  readonly file: string;
  /** Whose answers they are. */
  readonly head: Head | undefined;
  /** The recordings of a request, in the order of recording. */
  of(asked: Asked): readonly Recording[];
  /** Every request there is, each once. */
  requests(): readonly Request[];
  /** Adds recordings to the file, secrets taken out. Resolves when they are written. */
  add(recordings: readonly Recording[]): Promise<void>;
}

export type Asked = Pick<Recording, 'request' | 'prefix' | 'scored'>;

/** 2: draws are named by the addresses that formulas share. */
const VERSION = 2;

export interface CassetteOptions {
  readonly secrets: readonly string[];
  /** The model that is recorded; without it nothing can be added. */
  readonly model?: { readonly name: string; readonly can: Capabilities };
}

/** Reads the cassette. A file that is not there is an empty one. */
export function openCassette(file: string, { secrets, model }: CassetteOptions): Cassette {
  const known = new Map<string, Recording[]>();
  const keyOf = ({ request, prefix, scored }: Asked): string =>
    canonicalJson([requestKey(cleanValue(identity(request), secrets)), prefix ?? null, scored ?? null]);
  const insert = (recording: Recording): void => {
    const key = keyOf(recording);
    const list = known.get(key);
    if (list) list.push(recording);
    else known.set(key, [recording]);
  };
  const [first, ...rest] = existsSync(file) ? linesOf(file) : [];
  const head = first && headOf(file, first);
  for (const line of rest) insert(recordingOf(file, line));
  if (model && head && head.version < VERSION) refuseOther(file, [...known.values()].flat());

  let written = head !== undefined;
  let tail: Promise<void> = Promise.resolve();
  return {
    file,
    head,
    of: (asked) => known.get(keyOf(asked)) ?? [],
    requests: () => [...known.values()].flatMap(([recording]) => recording?.request ?? []),
    add(recordings) {
      const clean = recordings.map((recording) =>
        cleanValue({ ...recording, request: identity(recording.request) }, secrets),
      );
      clean.forEach(insert);
      const lines: unknown[] = [...clean];
      if (!written && model) lines.unshift({ plusx: 'cassette', version: VERSION, model: model.name, can: model.can });
      if (!written) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      written = true;
      const text = lines.map((line) => `${encodeJson(line)}\n`).join('');
      const writing = tail.then(() => appendFile(file, text, { mode: 0o600 })); // a new one is for its owner only
      tail = writing.catch(() => {}); // whoever added it hears of the error
      return writing;
    },
  };
}

function identity({ n: _n, from: _from, headers: _headers, ...request }: Request): Request {
  return request;
}

interface Line {
  readonly line: number;
  readonly value: { readonly [key: string]: Json | undefined };
}

function linesOf(file: string): Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, i) => (text.trim() === '' ? [] : [{ line: i + 1, value: parse(file, i + 1, text) }]));
}

function parse(file: string, line: number, text: string): Line['value'] {
  let value: unknown;
  try {
    value = decodeJson(text);
  } catch (error) {
    const why = (error as Error).message.replaceAll(/\s+/g, ' ');
    throw new DataError({
      file,
      line,
      problem: `is not JSON (${why}). Mend the line, or take it out and record again`,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line['value'];
  throw new DataError({ file, line, problem: 'is no JSON object. Mend the line, or take it out and record again' });
}

function headOf(file: string, { line, value }: Line): Head {
  const head = value as unknown as Head;
  if (head.plusx !== 'cassette' || typeof head.model !== 'string' || typeof head.can !== 'object')
    throw new DataError({
      file,
      line,
      problem: 'is no head of a cassette: {"plusx":"cassette","version":2,"model":NAME,"can":{...}}. Record it again',
    });
  if (!(head.version <= VERSION))
    throw new DataError({
      file,
      line,
      problem: `is of version ${head.version}, and this plusx reads ${VERSION}. Update plusx`,
    });
  return head;
}

/** Draws that were named by another rule would all be made again, beside those that are there. */
function refuseOther(file: string, recordings: readonly Recording[]): void {
  if (recordings.some(({ draw }) => draw !== undefined))
    throw new DataError({
      file,
      line: 1,
      problem: `is of version 1, whose draws have other addresses: each would be asked for and paid for again. Play it with recorded(...), or record into another file`,
    });
}

function recordingOf(file: string, { line, value }: Line): Recording {
  const { request, candidate, usage } = value as unknown as Recording;
  const missing = !Array.isArray(request?.prompt)
    ? 'request.prompt'
    : !Array.isArray(candidate?.content)
      ? 'candidate.content'
      : typeof usage?.calls !== 'number'
        ? 'usage.calls'
        : undefined;
  if (missing === undefined) return value as unknown as Recording;
  throw new DataError({
    file,
    line,
    problem: `has no ${missing}. A line is {"request":{"prompt":[...]},"draw":ID,"candidate":{"content":[...],"finish":{...}},"usage":{...}}`,
  });
}
