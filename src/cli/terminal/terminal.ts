/** Where the verbs write, and what they may know of the world: the one place that holds the process. */
import { styleText } from 'node:util';
import type { LoadedConfig } from '../../config/load.ts';
import type { Steering } from './steering.ts';
import { harmless } from './text.ts';

export type Format = Parameters<typeof styleText>[0];

export interface Output {
  write(text: string): void;
  /** Colours and weights where the stream is a terminal that shows them; NO_COLOR and FORCE_COLOR are obeyed. */
  paint(format: Format, text: string): string;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export interface Terminal {
  /** Standard output: the answer, or the one JSON document. */
  readonly out: Output;
  /** Standard error: progress, warnings, errors. */
  readonly err: Output;
  readonly env: { readonly [name: string]: string | undefined };
  /** The configuration file, where there is one. */
  readonly loaded?: LoadedConfig | undefined;
  /** The same with the configuration and `.env` as they are by now. */
  readonly again?: (() => Promise<Terminal>) | undefined;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** What was typed after `plusx`. */
  readonly args?: readonly string[] | undefined;
  /** Of a run that others may look at and steer. */
  readonly steering?: Steering | undefined;
  /** Puts a question to the person in front of it; absent where nobody is. */
  readonly respond?: ((question: string) => Promise<string>) | undefined;
}

/** The exit codes, as documented in the help. */
export const EXIT = { good: 0, error: 1, usage: 2, itemsFailed: 100, interrupted: 130 } as const;

const DEFAULT_COLUMNS = 80;

export function processTerminal(signal: AbortSignal): Terminal {
  const err = output(process.stderr);
  return {
    out: output(process.stdout),
    err,
    env: process.env,
    signal,
    ...(process.stdin.isTTY && err.isTerminal && { respond: (question) => readReply(question, err, signal) }),
  };
}

async function readReply(question: string, err: Output, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(`\n${err.paint('bold', harmless(question))}\n> `, { signal });
  } finally {
    lines.close();
  }
}

function output(stream: NodeJS.WriteStream): Output {
  // A reader that went away (`plusx ... | head`) is no error: there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.good);
    throw error;
  });
  return {
    write: (text) => void stream.write(text),
    paint: (format, text) => styleText(format, text, { stream }),
    isTerminal: stream.isTTY,
    get columns() {
      return Math.max(20, stream.columns || Number(process.env['COLUMNS']) || DEFAULT_COLUMNS);
    },
  };
}

/** Waits until everything written has left the process. */
export async function flush(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
  );
}

/** A JSON document. What is unknown is null, and sums of dollars are without the tail that rounding leaves, such as 0.30000000000000004. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, plainly, 2)}\n`;
}

/** Fields that hold dollars: `usd`, `usdPerItem`. */
const DOLLARS = /^usd(?:[A-Z]|$)/;

function plainly(field: string, value: unknown): unknown {
  if (value === undefined) return null;
  return typeof value === 'number' && DOLLARS.test(field) ? Number(value.toPrecision(12)) : value;
}

/** Writes the one JSON document of `--json`. */
export function writeJson({ out }: Terminal, value: unknown): void {
  out.write(jsonText(value));
}
