/** The tree of what was done for an answer: techniques, and inside them the calls to base models. */
import type { Json, Message } from '../message.ts';
import type { Request } from '../sample.ts';
import type { Usage } from '../accounts/usage.ts';

export interface Span {
  /** The address of the work, `bestOfN > draw/3 > selfRefine`: unique in a run, equal in every run of the same seed. */
  readonly path: string;
  /** The technique's or the model's name. */
  readonly name: string;
  readonly kind: 'technique' | 'call';
  /** Milliseconds since the start of the run. */
  readonly start: number;
  end: number | undefined;
  status: 'running' | 'ok' | 'replayed' | 'cancelled' | 'exhausted' | 'error';
  usage: Usage | undefined;
  /** The start of the text that came out, or the error. */
  preview: string | undefined;
  facts: { readonly [key: string]: Json | undefined } | undefined;
  /** What was said, where the trace keeps texts. */
  said?: Said | undefined;
  readonly children: Span[];
}

/** The words of a step: what a call was asked, and what came out. */
export interface Said {
  readonly prompt?: readonly Message[] | undefined;
  /** What every text of the call begins with, where it was asked to go on from that. */
  readonly prefix?: string | undefined;
  /** One, or those of all candidates of one call. */
  readonly texts: readonly string[];
}

export interface Trace {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly root: Span;
}

/**
 * Told of work as it begins and ends, such as a tracer of OpenTelemetry. Each stands for the work that it was told of, and what is done
 * inside that is told to it. What it throws ends the run: it does not throw.
 */
export interface Telemetry {
  /** Whether it wants what was said. */
  readonly content?: boolean | undefined;
  /** Headers by which a server knows to which work a call belongs. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** Does something as this work: whoever asks there which work is going on is told of this one. Default: it is just done. */
  within?<T>(this: void, does: () => T): T;
  /** Work begins inside this one; of a call, with what is asked. */
  begins(span: Pick<Span, 'path' | 'name' | 'kind'>, request?: Request): Telemetry;
  /** It has ended. */
  ends(span: Span, more?: Ending): void;
}

/** What a span does not say of its end. */
export interface Ending {
  readonly error?: unknown;
  /** Why each text of a call ended. */
  readonly finishes?: readonly string[] | undefined;
  readonly said?: Said | undefined;
}

const PREVIEW = 160;

export function openSpan(
  parent: Span | undefined,
  { path, name, kind, start }: Pick<Span, 'path' | 'name' | 'kind' | 'start'>,
): Span {
  const span: Span = {
    path,
    name,
    kind,
    start,
    end: undefined,
    status: 'running',
    usage: undefined,
    preview: undefined,
    facts: undefined,
    children: [],
  };
  parent?.children.push(span);
  return span;
}

export function closeSpan(
  span: Span,
  { end, status, usage, preview }: { end: number; status: Span['status']; usage: Usage; preview?: string },
): void {
  if (span.end !== undefined) return;
  span.end = end;
  span.status = status;
  span.usage = usage;
  if (preview !== undefined) span.preview = preview.length > PREVIEW ? `${preview.slice(0, PREVIEW)}…` : preview;
}
