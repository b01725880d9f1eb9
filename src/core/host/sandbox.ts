/** A place where programs written by a model run: no network, no files, no host objects, bounded in time, memory and output. */
import { PlusxError } from '../errors.ts';
import type { Json } from '../message.ts';

export const LANGUAGES = ['javascript', 'python'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Program {
  readonly language: Language;
  /** The body of a function: what it returns is the value. In Python, what it leaves in `answer`, or `solution()` returns. */
  readonly code: string;
  /** Values the program sees as global names. */
  readonly globals?: { readonly [name: string]: Json } | undefined;
  /** Keys the program's random numbers: the same program with the same seed has the same value. Default 0. */
  readonly seed?: number | undefined;
}

/** What became of a program. An error is the program's: it is told to the model, and the host goes on. */
export type Execution =
  | { readonly kind: 'value'; readonly value: Json | undefined; readonly output: string }
  | { readonly kind: 'error'; readonly reason: ExecutionFailure; readonly message: string; readonly output: string };

/** Why a program has no value: it threw, it met a limit, or what it returned is no JSON value. */
export type ExecutionFailure = 'thrown' | 'syntax' | 'time' | 'memory' | 'output' | 'unsupported';

export interface Sandbox {
  readonly name: string;
  readonly languages: readonly Language[];
  /**
   * Runs a program. Never throws for what the program does. Throws for an abort, with the signal's reason, and
   * LanguageMissing for a language that is not in `languages`.
   */
  run(program: Program, options?: { readonly signal?: AbortSignal | undefined }): Promise<Execution>;
}

/** A sandbox has no way to run this language safely on this machine. */
export class LanguageMissing extends PlusxError {
  override readonly kind = 'usage';
  readonly language: Language;

  constructor({ sandbox, language, hint }: { readonly sandbox: string; readonly language: Language; hint?: string }) {
    super(`${sandbox} runs no ${language}. ${hint ?? PYTHON}`);
    this.language = language;
  }
}

const PYTHON =
  'Python needs Linux with bubblewrap and python3 (`apt-get install bubblewrap python3`), or Linux or macOS with Deno and Pyodide (`npm install deno pyodide`). Or use JavaScript.';
