/** Kinds of failures of a model, after which another may be asked. */
import { MalformedReply, NoCandidates, TimedOut, Unreachable, UpstreamError } from '../../core/index.ts';

/** A status such as `429`, all of `4xx` or `5xx`, or what happens without any. */
export type FailureKind =
  | '4xx'
  | '5xx'
  | `${number}`
  /** No sign of life for as long as the model has. */
  | 'timeout'
  /** No connection, or one that broke. */
  | 'unreachable'
  /** A reply that is not of the protocol. */
  | 'malformed'
  /** A technique came to no answer. */
  | 'no-answer';

export const FAILURE_KINDS = ['4xx', '5xx', 'timeout', 'unreachable', 'malformed', 'no-answer'] as const;

/** What another model is asked after where nothing else is said: too much to do, or broken. */
export const USUAL: readonly FailureKind[] = ['429', '5xx', 'timeout', 'unreachable'];

export const isFailureKind = (value: unknown): value is FailureKind =>
  typeof value === 'string' && (FAILURE_KINDS.some((kind) => kind === value) || /^[45]\d\d$/.test(value));

/** The kind of an error, a status where there is one; nothing where no other model would do better. */
export function kindOf(error: unknown): FailureKind | undefined {
  if (error instanceof UpstreamError) return `${error.status}`;
  if (error instanceof TimedOut) return 'timeout';
  if (error instanceof Unreachable) return 'unreachable';
  if (error instanceof MalformedReply) return 'malformed';
  return error instanceof NoCandidates ? 'no-answer' : undefined;
}

/** Whether a failure is one of these. */
export const isAmong = (kinds: readonly FailureKind[], kind: FailureKind | undefined): boolean =>
  kind !== undefined &&
  (kinds.includes(kind) || (/^[45]\d\d$/.test(kind) && kinds.includes(kind.startsWith('4') ? '4xx' : '5xx')));
