/** What a back end is: it answers calls, and `fromBackend` makes a model of it. */
import type { Choice } from '../context/choice.ts';
import type { Context } from '../context/context.ts';
import type { Capabilities, StreamPart } from '../model.ts';
import type { Request, Scored, Semantics, Warning } from '../sample.ts';
import type { Prompts } from '../technique/prompt.ts';
import type { Process } from '../tokens/next-token.ts';
import type { Terms } from '../tokens/terms.ts';
import type { Usage } from '../accounts/usage.ts';
import type { Heeding } from './heeding.ts';
import type { Candidate } from './journal.ts';

/** What a back end needs to know of the run besides the request. */
export interface CallIO {
  /** The random source of each candidate asked for, in order: `choices.length` candidates are wanted. */
  readonly choices: readonly Choice[];
  readonly signal: AbortSignal;
  readonly context: Context;
  /** The text every candidate must start with, for `continueFrom`. */
  readonly prefix?: string | undefined;
}

export interface Reply {
  readonly candidates: readonly Candidate[];
  /** Of the whole call. `calls` is ignored: it is the number of candidates kept. */
  readonly usage: Omit<Usage, 'calls' | 'replays' | 'unreported'>;
  readonly warnings?: readonly Warning[] | undefined;
}

export interface Backend extends Terms {
  readonly name: string;
  /** What tells this model from every other in a journal: name, address and settings, without secrets. Default `name`. */
  readonly identity?: string;
  readonly can: Capabilities;
  readonly prompts?: Prompts | undefined;
  readonly semantics: Semantics;
  /** Whether one call may be asked for several candidates. */
  readonly native?: (() => boolean) | undefined;
  /** Watches whether replies heed what was asked for. For servers that others run. */
  readonly heeding?: Heeding | undefined;
  call(request: Request, io: CallIO): Promise<Reply>;
  stream?(request: Request, io: CallIO): AsyncIterable<BackendStreamPart>;
  score?(request: Request, text: string, io: CallIO): Promise<Omit<Scored, 'usage'> & Pick<Reply, 'usage'>>;
  open?(request: Request, context: Context): Promise<Process>;
}

/** What a back end's stream yields: parts as they come and, last, the whole candidate. */
export type BackendStreamPart =
  | Exclude<StreamPart, { type: 'finish' }>
  | {
      readonly type: 'reply';
      readonly candidate: Candidate;
      readonly usage: Reply['usage'];
      readonly warnings?: readonly Warning[] | undefined;
    };
