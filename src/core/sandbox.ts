/** A place where programs written by a model run: no network, no files, no host objects, bounded in time, memory and output. */
import type { Json } from './message.ts';

export type Language = 'javascript' | 'python';

export interface Program {
  readonly language: Language;
  /** The body of a function: what it returns is the value. In Python, what it leaves in `answer`. */
  readonly code: string;
  /** Values the program sees as global names. */
  readonly globals?: { readonly [name: string]: Json } | undefined;
}

/** What became of a program. An error is the program's: it is told to the model, and the host goes on. */
export type Execution =
  | { readonly kind: 'value'; readonly value: Json | undefined; readonly output: string }
  | { readonly kind: 'error'; readonly reason: ExecutionFailure; readonly message: string; readonly output: string };

/** Why a program has no value: it threw, or it met a limit. */
export type ExecutionFailure = 'thrown' | 'syntax' | 'time' | 'memory' | 'output' | 'unsupported' | 'aborted';

export interface Sandbox {
  readonly name: string;
  readonly languages: readonly Language[];
  /** Runs a program. Never throws for what the program does; throws for an abort, with the signal's reason. */
  run(program: Program, options?: { readonly signal?: AbortSignal | undefined }): Promise<Execution>;
}
