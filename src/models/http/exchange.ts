/** One request and its answer, however many tries it takes: time limit, retries that back off, errors in plain words. */
import {
  InvalidOption,
  MalformedReply,
  PlusxError,
  sleep,
  TimedOut,
  Unreachable,
  UpstreamError,
  type Choice,
  type Clock,
} from '../../core/index.ts';
import type { Limiter, Slot } from './limiter.ts';
import { redact } from '../../core/calls/secrets.ts';

export interface RetryOptions {
  /** Tries in all, the first included. Default 5. */
  readonly attempts?: number | undefined;
  /** Milliseconds the first wait is about; each further one is twice as long. Default 500. */
  readonly firstWaitMs?: number | undefined;
  /** Most milliseconds waited between tries, all waits together. A longer `Retry-After` is an error at once. Default 60000. */
  readonly totalWaitMs?: number | undefined;
}

export interface Exchange {
  readonly url: string;
  /** The URL that may be shown. */
  readonly shown: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: unknown;
  readonly secrets: readonly string[];
  readonly limiter: Limiter;
  readonly fetch: typeof fetch;
  readonly retry: RetryOptions;
  /** Most milliseconds without a sign of life: until the whole answer, or between two pieces of a stream. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly choice: Choice;
  readonly clock: Clock;
  /** What to add to an error of a status, such as where to get a key. */
  readonly hint?: ((status: number) => string | undefined) | undefined;
}

/** The answer as it comes. */
export interface Incoming {
  readonly response: Response;
  /** Tells the time limit that the server is alive. */
  alive(): void;
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
  const { attempts = 5, firstWaitMs = 500, totalWaitMs = 60_000 } = call.retry;
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(call, read);
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      const backoff = firstWaitMs * 2 ** (attempt - 1) * jitter(call.choice, attempt);
      // A little over what the server asked for, so that those turned away together come back apart.
      const wait = error.retryAfterMs === undefined ? backoff : error.retryAfterMs + backoff / 10;
      if (attempt >= attempts || waited + wait > totalWaitMs) throw error.cause;
      waited += wait;
      await sleep(wait, call);
    }
  }
}

/** In [0.5, 1), by place and attempt: parallel draws that failed together do not come back together. */
const jitter = (choice: Choice, attempt: number): number => 0.5 + choice.fork(`retry/${attempt}`).seed() / 2 ** 32;

/** A failure that may pass. Never leaves this file: `cause` is what is thrown in the end. */
class Passing extends PlusxError {
  override readonly cause: PlusxError;
  readonly retryAfterMs: number | undefined;
  constructor(cause: PlusxError, retryAfterMs?: number) {
    super(cause.message);
    this.cause = cause;
    this.retryAfterMs = retryAfterMs;
  }
}

async function once<T>(call: Exchange, read: (incoming: Incoming) => Promise<T>): Promise<Opened<T>> {
  const slot = await call.limiter.acquire(call.signal);
  const line = hold(call);
  try {
    const response = await call.fetch(call.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...call.headers },
      body: JSON.stringify(call.body),
      signal: line.signal,
    });
    if (!response.ok) throw await refusal(call, response);
    const value = await read({ response, alive: line.alive });
    return {
      value,
      close() {
        line.close();
        slot.release('ok');
      },
      explain: (error) => {
        const meaning = explain(call, error);
        return meaning instanceof Passing ? meaning.cause : meaning;
      },
    };
  } catch (error) {
    line.close();
    const meaning = explain(call, error);
    slot.release(outcomeOf(meaning));
    throw meaning;
  }
}

function outcomeOf(error: unknown): Parameters<Slot['release']>[0] {
  const cause = error instanceof Passing ? error.cause : error;
  return cause instanceof UpstreamError && (cause.status === 429 || cause.status === 503) ? 'overloaded' : 'other';
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

/** What an answer that is no 2xx means. */
async function refusal(call: Exchange, response: Response): Promise<unknown> {
  const { status } = response;
  const body = redact(await response.text().catch(() => ''), call.secrets);
  const { headers } = response;
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  const wait = ms >= 0 ? ms : retryAfter(headers.get('retry-after'), headers.get('date'));
  return upstream(call, status, body, wait);
}

const PASSING = new Set([408, 409, 425, 429]);

/** The error of a status, marked as passing where another try makes sense. */
export function upstream(
  { shown, hint }: Pick<Exchange, 'shown' | 'hint'>,
  status: number,
  body: string,
  retryAfterMs?: number,
): PlusxError {
  // An empty account answers 429 too, and no wait fills it.
  const retryable = (PASSING.has(status) || status >= 500) && !body.includes('insufficient_quota');
  const advice = hint?.(status);
  const error = new UpstreamError({
    url: shown,
    status,
    body: messageIn(body),
    retryable,
    ...(advice !== undefined && { hint: advice }),
  });
  return retryable ? new Passing(error, retryAfterMs) : error;
}

/** The message inside an error object, or the body as it is. */
function messageIn(body: string): string {
  try {
    const { error, message, detail } = JSON.parse(body) as { [field: string]: unknown };
    const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
    const found = inner ?? message ?? detail;
    return typeof found === 'string' ? found : body;
  } catch {
    return body;
  }
}

/** Milliseconds a `Retry-After` asks for: seconds, or a date measured against the server's own clock. */
export function retryAfter(value: string | null, serverDate: string | null): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const wait = Date.parse(value) - Date.parse(serverDate ?? '');
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

const NEVER_THERE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED']);

/** Says what went wrong: our own errors as they are, an abort as the caller's reason, the rest as an unreachable host. */
function explain({ shown, signal, secrets }: Exchange, error: unknown): unknown {
  if (error instanceof PlusxError) return error;
  if (signal.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  if (!isNetwork(error)) return redact(error.message, secrets) === error.message ? error : unsendable(shown);
  const codes = causesOf(error);
  if (codes.includes('UND_ERR_HEADERS_TIMEOUT') || codes.includes('UND_ERR_BODY_TIMEOUT'))
    return new TimedOut({ url: shown, ms: 300_000 });
  const [why = redact(error.message, secrets)] = codes;
  const gone = new Unreachable({ url: shown, why: WORDS[why] ?? why, ...(HINTS[why] && { hint: HINTS[why] }) });
  return codes.some((code) => NEVER_THERE.has(code)) || why.startsWith('ERR_TLS') ? gone : new Passing(gone);
}

/** Fetch repeats the header it refuses, key and all: that error goes no further. */
const unsendable = (shown: string): InvalidOption =>
  new InvalidOption({ where: shown, option: 'apiKey or headers', rule: 'must be characters a header can hold' });

const isNetwork = (error: Error): boolean =>
  error instanceof TypeError && (error.cause !== undefined || /fetch failed|terminated|network/i.test(error.message));

function causesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
    if (at instanceof AggregateError) codes.push(...at.errors.flatMap(causesOf));
  }
  return codes;
}

const WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no such host (ENOTFOUND)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  UND_ERR_SOCKET: 'the connection broke off (UND_ERR_SOCKET)',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time (UND_ERR_CONNECT_TIMEOUT)',
};
const HINTS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'Start the server, or give the right address with `baseURL`',
  ENOTFOUND: 'Check the spelling of `baseURL` and the network',
};

/** Reads an answer as JSON. */
export async function readJson({ shown, secrets, hint }: Exchange, { response }: Incoming): Promise<unknown> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new MalformedReply({ url: shown, why: 'not JSON', body: redact(text, secrets) });
  }
  refuseError({ shown, secrets, hint }, body);
  return body;
}

/** Some gateways send their errors with status 200. */
export function refuseError(call: Pick<Exchange, 'shown' | 'secrets' | 'hint'>, body: unknown): void {
  if (typeof body !== 'object' || body === null || !('error' in body) || !body.error) return;
  const { error } = body as { error: { code?: unknown } | string };
  const code = typeof error === 'object' ? Number(error.code) : Number.NaN;
  throw upstream(call, code >= 400 && code < 600 ? code : 502, redact(JSON.stringify(body), call.secrets));
}
