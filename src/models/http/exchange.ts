/** One request and its answer, however many tries it takes: time limit, retries that back off, errors in plain words. */
import {
  InvalidOption,
  sleep,
  TimedOut,
  Unreachable,
  UpstreamError,
  type Choice,
  type Clock,
  type PlusxError,
} from '../../core/index.ts';
import { readJson, readRefusal } from './body.ts';
import { explain, final, Passing, upstream, type Asked } from './failures.ts';
import type { Incoming } from './incoming.ts';
import type { Limiter, Slot } from './limiter.ts';
import { send, type Sent } from './send.ts';
import { hintsIn } from './waits.ts';

export interface RetryOptions {
  /** Tries in all, the first included. Default 5. */
  readonly attempts?: number | undefined;
  /** Milliseconds the first wait is about; each further one is twice as long. Default 500. */
  readonly firstWaitMs?: number | undefined;
  /** Most milliseconds waited between tries, all waits together. A longer `Retry-After` is an error at once. Default 60000. */
  readonly totalWaitMs?: number | undefined;
}

export interface Exchange extends Sent, Asked {
  readonly limiter: Limiter;
  readonly retry: RetryOptions;
  /** Most milliseconds without a sign of life: until the whole answer, or between two pieces of a stream. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly choice: Choice;
  readonly clock: Clock;
  /** A status that is not waited out, because the caller has another way to ask. */
  readonly otherwiseAt?: number | undefined;
  /** Told of each wait before another try, such as `tries again after 2 s (429)`. */
  readonly onWait?: ((text: string) => void) | undefined;
}

/** What was read, and the means to end the request: a stream stays open after its first piece was read. */
export interface Opened<T> {
  readonly value: T;
  /** Ends the request and gives its place at the host back. Safe to call twice. */
  close(): void;
  /** Says what an error met while reading on means. */
  explain(error: unknown): unknown;
}

/** Sends and reads. `read` must not hand anything out: until it is done, the request may be made again. */
export async function exchange<T>(call: Exchange, read: (incoming: Incoming) => Promise<T>): Promise<Opened<T>> {
  const { attempts = 5, firstWaitMs = 500, totalWaitMs = 60_000 } = checkRetry(call);
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(call, read);
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      const wait = waitBefore(attempt + 1, error.waitMs, firstWaitMs, call.choice);
      if (attempt >= attempts || error.why === String(call.otherwiseAt)) throw error.told(attempt);
      if (waited + wait > totalWaitMs) throw error.told(attempt, error.waitMs);
      waited += wait;
      call.onWait?.(waitInWords(wait, error.why));
      await sleep(wait, call);
    }
  }
}

/** One document of a server, such as its list of models: asked for once. */
export async function getJson(
  call: Omit<Sent, 'body'> & Asked,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<unknown> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(call, AbortSignal.any([signal, limit]));
    if (!response.ok) throw await refusal(call, response);
    return await readJson(call, { response, alive() {} });
  } catch (error) {
    if (limit.aborted && !signal.aborted)
      throw new Unreachable({ url: call.shown, why: `no answer in ${timeoutMs / 1000} s` });
    throw final(explain(call, error, signal, timeoutMs));
  }
}

function checkRetry({ retry, shown: where }: Exchange): RetryOptions {
  const { attempts = 1, firstWaitMs = 0, totalWaitMs = 0 } = retry;
  if (!(attempts >= 1))
    throw new InvalidOption({ where, option: 'retry.attempts', rule: 'must be at least 1', value: attempts });
  for (const [option, value] of Object.entries({ firstWaitMs, totalWaitMs }))
    if (!(value >= 0)) throw new InvalidOption({ where, option: `retry.${option}`, rule: 'must be at least 0', value });
  return retry;
}

/**
 * Milliseconds to wait before a try: what the server asks for and a little over, so that those turned away together come
 * back apart; else twice as long as before the last one.
 */
export function waitBefore(attempt: number, asked: number | undefined, firstWaitMs: number, choice: Choice): number {
  const backoff = firstWaitMs * 2 ** (attempt - 2) * jitter(choice, attempt - 1);
  return asked === undefined ? backoff : asked + backoff / 10;
}

/** In [0.5, 1), by place and attempt: parallel draws that failed together do not come back together. */
const jitter = (choice: Choice, attempt: number): number => 0.5 + choice.fork(`retry/${attempt}`).seed() / 2 ** 32;

/** A wait for a person who waits too. */
export function waitInWords(ms: number, why: string): string {
  const seconds = ms < 9950 ? Math.max(0.1, Math.round(ms / 100) / 10) : Math.round(ms / 1000);
  return `tries again after ${seconds} s (${why})`;
}

async function once<T>(call: Exchange, read: (incoming: Incoming) => Promise<T>): Promise<Opened<T>> {
  const slot = await call.limiter.acquire(call.signal);
  const line = hold(call);
  const begun = call.clock.now();
  const meaning = (error: unknown): unknown => explain(call, error, call.signal, call.clock.now() - begun);
  try {
    const response = await send(call, line.signal);
    if (!response.ok) throw await refusal(call, response);
    const value = await read({ response, alive: line.alive });
    return {
      value,
      close() {
        line.close();
        slot.release('ok');
      },
      explain: (error) => final(meaning(error)),
    };
  } catch (error) {
    line.close();
    const found = meaning(error);
    slot.release(outcomeOf(final(found)));
    throw found;
  }
}

function outcomeOf(error: unknown): Parameters<Slot['release']>[0] {
  return error instanceof UpstreamError && OVERLOADED.has(error.status) ? 'overloaded' : 'other';
}

const OVERLOADED = new Set([429, 503, 529]);

/** What an answer that is no 2xx means. */
async function refusal(call: Asked, response: Response): Promise<PlusxError> {
  const body = await readRefusal(response);
  return upstream(
    call,
    response.status,
    body,
    hintsIn((name) => response.headers.get(name), body),
  );
}

/** Follows the caller's signal and the time limit; closing ends the request. */
function hold({ signal, clock, timeoutMs, shown }: Exchange): {
  readonly signal: AbortSignal;
  alive(): void;
  close(): void;
} {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  const start = (): (() => void) =>
    clock.after(timeoutMs, () => controller.abort(new TimedOut({ url: shown, ms: timeoutMs })));
  let stopTimer = start();
  return {
    signal: controller.signal,
    alive() {
      stopTimer();
      stopTimer = start();
    },
    close() {
      stopTimer();
      signal.removeEventListener('abort', follow);
      controller.abort(CLOSED);
    },
  };
}

const CLOSED = new DOMException('The request is over.', 'AbortError');
