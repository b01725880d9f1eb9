/** The call of a back end and its book-keeping: where it stands in the run, what it costs, what it leaves in the trace. */
import type { Reservation } from '../accounts/budget.ts';
import type { Need, Price } from '../accounts/limits.ts';
import type { Choice } from '../context/choice.ts';
import type { Context } from '../context/context.ts';
import { requestKey, type Candidate, type JournalEntry } from './journal.ts';
import { textOf } from '../message.ts';
import type { Capabilities, Process, Request, Sample, Scored, Semantics, StreamPart, Warning } from '../model.ts';
import type { Prompts } from '../technique/prompt.ts';
import { closeSpan, openSpan } from '../context/trace.ts';
import { NO_USAGE, type Usage } from '../accounts/usage.ts';

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

export interface Backend {
  readonly name: string;
  /** What tells this model from every other in a journal: name, address and settings, without secrets. Default `name`. */
  readonly identity?: string;
  readonly can: Capabilities;
  readonly prompts?: Prompts | undefined;
  readonly semantics: Semantics;
  readonly price?: Price | undefined;
  /** Whether one call may be asked for several candidates. */
  readonly native?: (() => boolean) | undefined;
  /** Upper bounds of one candidate's tokens; `outputTokens: undefined` where nothing bounds it. */
  bound(request: Request): Pick<Need, 'inputTokens' | 'outputTokens'>;
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

/** What a call may take at most, the text it goes on from included: no token is shorter than a byte. */
export function needOf(backend: Backend, request: Request, calls: number, prefix = ''): Need {
  const { inputTokens, outputTokens } = backend.bound(request);
  return { calls, inputTokens: inputTokens + prefix.length * 3, outputTokens, price: backend.price };
}

/** A reply of another number of candidates than asked for. */
export function miscounted({ name }: Backend, wanted: number, got: number): Warning {
  return got < wanted
    ? {
        code: 'n-ignored',
        message: `${name} returned ${got} of ${wanted} candidates: the rest is asked for one by one`,
      }
    : { code: 'n-exceeded', message: `${name} returned ${got} candidates for ${wanted}: the extra ones are dropped` };
}

/** Several draws at temperature 0: most back ends give the same answer each time, and each is paid for. */
export function greedy({ name }: Backend, n: number): Warning {
  return { code: 'greedy-n', message: `${name}: ${n} draws at temperature 0 are likely all the same` };
}

/** One candidate's place in the run: its context, and its journal key where there is a journal. */
export interface Place {
  readonly context: Context;
  readonly key: string | undefined;
}

export function place(backend: Backend, request: Request, context: Context, prefix?: string): Place {
  const key =
    context.journal &&
    `${backend.identity ?? backend.name}\n${prefix ?? ''}\n${requestKey(request)}\n${context.choice.id}`;
  return { context, key };
}

/** Waits until the call may be made, and takes its part of the budget. */
export async function admit(context: Context, need: Need): Promise<Reservation> {
  await context.beforeCall?.();
  return context.budget.reserve(need, context.signal);
}

/** The last check before a call is made: none starts once the work is cancelled. */
export function unlessAborted(reservation: Reservation, signal: AbortSignal): Reservation {
  if (!signal.aborted) return reservation;
  reservation.settle(NO_USAGE);
  throw signal.reason;
}

/** A journal hit: the budget is charged as it was the first time, so that a resumed run ends as the whole one would. */
export async function replay(
  backend: Backend,
  request: Request,
  { context }: Place,
  { candidate, usage }: JournalEntry,
): Promise<Sample> {
  const outputTokens = usage.outputTokens ?? backend.bound(request).outputTokens;
  const { settle } = await context.budget.reserve(
    {
      calls: 1,
      inputTokens: usage.inputTokens ?? backend.bound(request).inputTokens,
      outputTokens,
      price: backend.price,
    },
    context.signal,
  );
  settle(usage);
  const used = { ...usage, replays: usage.calls };
  record(backend, context, used, candidate, context.clock.now(), 'replayed');
  return toSample(backend, candidate, used);
}

/** The request with no more output tokens than a budget allows. */
export function cap(request: Request, maxOutputTokens: number | undefined): Request {
  return maxOutputTokens === undefined || (request.maxOutputTokens ?? Infinity) <= maxOutputTokens
    ? request
    : { ...request, maxOutputTokens };
}

/** Puts a call on the account and into the trace. */
export function record(
  backend: Pick<Backend, 'name'>,
  context: Context,
  usage: Usage,
  candidate: Candidate | undefined,
  start: number,
  status: 'ok' | 'replayed' | 'cancelled' | 'error',
): void {
  context.ledger.add(usage);
  if (!context.span) return;
  const span = openSpan(context.span, { path: context.path, name: backend.name, kind: 'call', start });
  closeSpan(span, {
    end: context.clock.now(),
    status,
    usage,
    ...(candidate && { preview: textOf(candidate.content) }),
  });
}

export function toSample(backend: Backend, candidate: Candidate, usage: Usage | undefined): Sample {
  return { weight: 1, semantics: backend.semantics, ...candidate, usage };
}
