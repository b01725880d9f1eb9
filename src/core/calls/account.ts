/** What surrounds a call of any kind: its part of the budget before, its entry in the account and the trace behind. */
import type { Need, Reservation } from '../accounts/budget.ts';
import { NO_USAGE, type Usage } from '../accounts/usage.ts';
import type { Context } from '../context/context.ts';
import { closeSpan, openSpan, type Said, type Telemetry } from '../context/trace.ts';
import { textOf } from '../message.ts';
import type { Request } from '../sample.ts';
import type { Backend } from './backend.ts';
import type { Candidate } from './journal.ts';

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

/** A call that has begun. */
export interface Begun {
  readonly start: number;
  readonly telemetry: Telemetry | undefined;
}

export function begin({ name }: Pick<Backend, 'name'>, { path, clock, telemetry }: Context, request?: Request): Begun {
  return { start: clock.now(), telemetry: telemetry?.begins({ path, name, kind: 'call' }, request) };
}

/** Puts a call on the account and into the trace. */
export function record(
  backend: Pick<Backend, 'name'>,
  context: Context,
  usage: Usage,
  candidate: Candidate | undefined,
  { start, telemetry }: Begun,
  status: 'ok' | 'replayed' | 'cancelled' | 'error',
  call?: {
    readonly request: Request;
    readonly prefix?: string | undefined;
    readonly all?: readonly Candidate[];
    readonly error?: unknown;
  },
  as?: 'used' | 'spent',
): void {
  context.ledger.add(usage, as);
  if (!context.span && !telemetry) return;
  const span = openSpan(context.span, { path: context.path, name: backend.name, kind: 'call', start });
  closeSpan(span, {
    end: context.clock.now(),
    status,
    usage,
    ...(candidate && { preview: textOf(candidate.content) }),
  });
  const { request, prefix, error, all = candidate ? [candidate] : [] } = call ?? {};
  let said: Said | undefined;
  if (request && (context.keepsTexts || telemetry?.content))
    said = {
      prompt: request.prompt,
      ...(prefix !== undefined && { prefix }),
      texts: all.map(({ content }) => textOf(content)),
    };
  if (context.keepsTexts && said) span.said = said;
  telemetry?.ends(span, { error, finishes: all.map(({ finish }) => finish.unified), said });
}

/**
 * Puts a draw on the account of the run, once: `work` is told whether it is there already. What fails leaves it for the next one
 * that makes the draw.
 */
export async function chargedOnce<T>(
  { drawn }: Pick<Context, 'drawn'>,
  name: string | undefined,
  work: (again: boolean) => Promise<T>,
): Promise<T> {
  if (!drawn || name === undefined) return work(false);
  for (let known = drawn.get(name); known !== undefined; known = drawn.get(name))
    if (known === true || (await known)) return work(true);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  drawn.set(name, promise);
  try {
    const result = await work(false);
    drawn.set(name, true);
    resolve(true);
    return result;
  } catch (error) {
    drawn.delete(name);
    resolve(false);
    throw error;
  }
}
