/** What surrounds a call of any kind: its part of the budget before, its entry in the account and the trace behind. */
import type { Need, Reservation } from '../accounts/budget.ts';
import { NO_USAGE, type Usage } from '../accounts/usage.ts';
import type { Context } from '../context/context.ts';
import { closeSpan, openSpan } from '../context/trace.ts';
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

/** Puts a call on the account and into the trace. */
export function record(
  backend: Pick<Backend, 'name'>,
  context: Context,
  usage: Usage,
  candidate: Candidate | undefined,
  start: number,
  status: 'ok' | 'replayed' | 'cancelled' | 'error',
  said?: {
    readonly request: Request;
    readonly prefix?: string | undefined;
    readonly all?: readonly Candidate[];
  },
  as?: 'used' | 'spent',
): void {
  context.ledger.add(usage, as);
  if (!context.span) return;
  const span = openSpan(context.span, { path: context.path, name: backend.name, kind: 'call', start });
  closeSpan(span, {
    end: context.clock.now(),
    status,
    usage,
    ...(candidate && { preview: textOf(candidate.content) }),
  });
  if (!context.keepsTexts || !said) return;
  const { request, prefix, all = candidate ? [candidate] : [] } = said;
  span.said = {
    prompt: request.prompt,
    ...(prefix !== undefined && { prefix }),
    texts: all.map(({ content }) => textOf(content)),
  };
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
