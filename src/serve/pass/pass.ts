/**
 * A request for a model without techniques, handed to the server behind it: to the byte but for the model's name, what the
 * operator adds, and a count of tokens that only this server asked for.
 */
import type { IncomingMessage } from 'node:http';
import { REDIRECTS, REFUSAL_BYTES, REPLY_BYTES } from '../../core/bounds.ts';
import { cleanText } from '../../core/calls/secrets.ts';
import type { Model, Reply } from '../../core/index.ts';
import { isError, networkTrouble, onward, statusIn, wordsIn } from '../../models/http/index.ts';
import { object, optionsOf, placeOf, reportedIn, type Place, type Wire } from '../../models/openai/protocol/index.ts';
import { answered, type Answer } from '../http/answer.ts';
import { ClientLeft, type IncomingHttp } from '../connection.ts';
import type { FailureKind } from '../../config/standby/index.ts';
import { createStop, type Stop } from '../http/stop.ts';
import { eachPiece, keptFetch, sendOut } from './agent.ts';
import { EVENT_STREAM, eventStream } from '../events.ts';
import { errorAnswer, Refusal, statusBehind, UPSTREAM, wordless } from '../failure.ts';
import { withCost, type Billing } from './cost.ts';
import { changed, type Change } from './members.ts';
import { passEvents } from './pass-events.ts';
import { passResponseEvents, responseFailure } from './pass-responses.ts';
import { checkReply, failedAtOnce, lookedAt, objectIn } from './received.ts';
import type { Incoming } from './unpacked.ts';

/** A server that a model's requests can be handed to. */
export interface Behind {
  readonly place: Place;
  /** The name of the model, for errors. */
  readonly name: string;
  /** The field that bounds an answer. */
  readonly maxTokens: string;
  /** The model's id there. */
  readonly id: string;
  readonly settings: Wire;
  /** Whether a count of tokens may be asked for in a stream. */
  readonly streamUsage: boolean;
  /** A client of the operator's own, in the place of ours. */
  readonly fetch: typeof fetch | undefined;
  readonly billing: Billing;
  /** Milliseconds that it has for a reply, where another server stands by. */
  readonly timeoutMs: number;
}

/** The server behind a model; nothing for a model with techniques, or one that speaks another protocol. */
export function behind(model: Model, api: 'chat' | 'completions'): Behind | undefined {
  const options = optionsOf(model);
  if (!options || (options.api ?? 'chat') !== api) return undefined;
  const known = servers.get(model);
  if (known) return known;
  const made = serverOf(model, options);
  servers.set(model, made);
  return made;
}

/** What was made out for models before: the same for every request. */
const servers = new WeakMap<Model, Behind>();

function serverOf(model: Model, options: NonNullable<ReturnType<typeof optionsOf>>): Behind {
  const place = placeOf(options);
  return {
    place: { ...place, headers: lowered(place.headers) },
    name: model.name,
    maxTokens: options.quirks?.maxTokens ?? 'max_tokens',
    id: options.model,
    settings: options.settings ?? {},
    streamUsage: options.quirks?.streamUsage !== false,
    fetch: options.fetch === keptFetch ? undefined : options.fetch,
    billing: { price: options.price, billed: options.quirks?.bill },
    timeoutMs: options.timeoutMs ?? 290_000,
  };
}

/** The server behind a model that has a responses endpoint of its own. */
export function respondingBehind(model: Model): Behind | undefined {
  const options = optionsOf(model);
  if (!options) return undefined;
  const isOpenAI = new URL(options.baseURL).hostname === 'api.openai.com';
  return (options.quirks?.responses ?? isOpenAI) ? behind(model, 'chat') : undefined;
}

export interface Passing {
  readonly behind: Behind;
  readonly path: '/chat/completions' | '/completions' | '/responses' | '/embeddings';
  readonly text: string;
  readonly fields: Wire;
  /** The id of the model as the client wrote it. */
  readonly model: string;
  readonly header: IncomingHttp['header'];
  /** Does something as the call that this is. */
  readonly within: <T>(does: () => T) => T;
  readonly stop: Stop;
  readonly leave: () => void;
  readonly keepAliveMs: number;
  /** The most output tokens that a budget allows, where the request sets no bound. */
  readonly mostOutput?: number | undefined;
  /** Told what the server says it used; nothing where it does not say. */
  readonly onUsage: (usage: Reply['usage'] | undefined) => void;
  readonly onEnd: (error?: unknown) => void;
  /** Whether another server stands by for a failure: nothing is said of it then, and the request is not over. */
  readonly falls?: ((failure: FailureKind) => boolean) | undefined;
}

/** The server failed in a way that another one stands by for. */
export interface Failed {
  readonly failed: FailureKind;
}

export async function pass(passing: Passing): Promise<Answer | Failed> {
  const { fields, stop, onEnd, onUsage, model, falls } = passing;
  const { body, asksUsage } = bodyOf(passing);
  let isStreaming = false;
  let isOver = true;
  const fallen = (failed: FailureKind): Failed | undefined => {
    if (!falls?.(failed) || stop.reason !== undefined) return undefined;
    isOver = false;
    return { failed };
  };
  const patience = patienceOf(passing);
  try {
    let incoming = await passing.within(() => send(passing, body, patience.stop));
    const status = incoming.statusCode ?? 502;
    const headers = replyHeaders(incoming);
    const refusal = status >= 300 ? fallen(`${status}`) : undefined;
    if (refusal) {
      incoming.destroy();
      return refusal;
    }
    if (status >= 300) return await refused(passing, incoming, status, headers);
    const type = incoming.headers['content-type'] ?? '';
    let isEvents = fields['stream'] === true && /event-stream/i.test(type);
    if (fields['stream'] === true && !isEvents) ({ isEvents, whole: incoming } = await lookedAt(incoming));
    if (isEvents && falls) {
      // Nothing of it has been handed on yet: a stream that begins with an error can still come from another server.
      const { status: failed, whole } = await failedAtOnce(incoming);
      incoming = whole;
      const failure = failed === undefined ? undefined : fallen(`${failed}`);
      if (failure) {
        incoming.destroy();
        return failure;
      }
    }
    if (isEvents) {
      isStreaming = true;
      patience.done();
      const told = {
        model,
        secrets: passing.behind.place.secrets,
        hidesUsage: asksUsage,
        billing: passing.behind.billing,
        onUsage: (usage: unknown) => onUsage(reportedIn(usage, passing.behind.billing)),
      };
      const numbered = { next: 0 };
      const isTyped = passing.path === '/responses';
      const events = isTyped ? passResponseEvents(incoming, told, numbered) : passEvents(incoming, told);
      const stream = await eventStream(events, {
        keepAliveMs: passing.keepAliveMs,
        onLeave: passing.leave,
        onEnd,
        ...(isTyped && { failed: (error) => responseFailure(error, numbered) }),
      });
      return answered(stream, { status, headers: { ...headers, ...EVENT_STREAM } });
    }
    const text = await readText(incoming, REPLY_BYTES);
    patience.done();
    const reply = objectIn(text);
    if (reply && isFailure(reply))
      return fallen(`${statusIn(reply) ?? 502}`) ?? refusedWith(passing, statusIn(reply) ?? 502, text, headers);
    checkReply(reply, text, { path: passing.path, secrets: passing.behind.place.secrets });
    onUsage(reply['usage'] === undefined ? undefined : reportedIn(reply['usage'], passing.behind.billing));
    const named = 'model' in reply ? changed(text, [{ name: 'model', value: JSON.stringify(model) }]) : text;
    return answered(withCost(named, reply, passing.behind.billing), {
      status,
      headers: { ...headers, 'content-type': type || 'application/json' },
    });
  } catch (error) {
    if (isStreaming) throw error; // its end was told
    const met = stop.reason ?? (patience.isOver() ? lateOf(passing) : explained(error));
    const kind = failureIn(met);
    const failure = kind && fallen(kind);
    if (failure) return failure;
    onEnd(met);
    throw met;
  } finally {
    patience.done();
    if (!isStreaming && isOver) onEnd();
  }
}

/** A response that failed says so itself, in a reply that is whole. */
const isFailure = (reply: Wire): boolean => isError(reply) && reply['object'] !== 'response';

/** The kind of a failure that has no status. */
function failureIn(error: unknown): FailureKind | undefined {
  const code = error instanceof Refusal ? error.code : undefined;
  if (code === 'upstream_unreachable') return 'unreachable';
  if (code === 'upstream_timeout') return 'timeout';
  return code === 'upstream_malformed' ? 'malformed' : undefined;
}

/** How long a server may take while another one stands by for one that is late. Without one, the deadline is all there is. */
function patienceOf({ stop, falls, behind: { timeoutMs } }: Passing): {
  readonly stop: Stop;
  readonly isOver: () => boolean;
  readonly done: () => void;
} {
  if (!falls?.('timeout')) return { stop, ...PATIENT };
  const own = createStop();
  stop.onStop(() => own.stop(stop.reason));
  const late = new Error('late');
  const timer = setTimeout(() => own.stop(late), timeoutMs);
  return { stop: own, isOver: () => own.reason === late, done: () => clearTimeout(timer) };
}

const PATIENT = { isOver: () => false, done: () => {} };

const lateOf = ({ behind: { timeoutMs } }: Passing): Refusal =>
  new Refusal(`The server of the model gave no sign of life for ${timeoutMs} ms.`, {
    status: 504,
    type: UPSTREAM,
    code: 'upstream_timeout',
  });

/** The body for the server, and whether it asks for a count of tokens that the client does not want. */
function bodyOf({ behind: { id, settings, streamUsage, maxTokens }, fields, text, path, mostOutput }: Passing): {
  readonly body: string;
  readonly asksUsage: boolean;
} {
  const changes: Change[] = [{ name: 'model', value: JSON.stringify(id) }];
  if ('plusx' in fields) changes.push({ name: 'plusx', value: undefined });
  for (const [name, value] of Object.entries(path === '/responses' ? responseSettings(settings) : settings))
    if (!(name in fields)) changes.push({ name, value: JSON.stringify(value) });
  if (mostOutput !== undefined)
    changes.push({ name: path === '/responses' ? 'max_output_tokens' : maxTokens, value: String(mostOutput) });
  const options = object(fields['stream_options']);
  const mayAsk = path === '/chat/completions' || path === '/completions';
  const asksUsage = mayAsk && fields['stream'] === true && streamUsage && options?.['include_usage'] !== true;
  if (asksUsage) changes.push({ name: 'stream_options', value: JSON.stringify({ ...options, include_usage: true }) });
  return { body: changed(text, changes), asksUsage };
}

/** Fields of a chat by what the same is called in a responses request. */
function responseSettings(settings: Wire): Wire {
  const { max_tokens: most, max_completion_tokens: mostOutput, reasoning_effort: effort, ...same } = settings;
  const bound = mostOutput ?? most;
  return {
    ...same,
    ...(bound !== undefined && { max_output_tokens: bound }),
    ...(effort !== undefined && { reasoning: { effort } }),
  };
}

/** Headers of a request that a server behind this one has use for. None of them lets anybody in. */
const SENT_ON = [
  'openai-beta',
  'idempotency-key',
  'x-client-request-id',
  'traceparent',
  'tracestate',
  'http-referer',
  'x-title',
];

function send({ behind: { place, fetch: given }, path, header }: Passing, body: string, stop: Stop): Promise<Incoming> {
  const sent: { [name: string]: string } = { 'content-type': 'application/json' };
  for (const name of SENT_ON) {
    const value = header(name);
    if (value !== undefined) sent[name] = value;
  }
  Object.assign(sent, place.headers);
  const once = (url: string): Promise<Incoming> =>
    given
      ? given(url, { method: 'POST', headers: sent, body, signal: stop.signal, redirect: 'manual' }).then(incomingOf)
      : sendOut(url, { method: 'POST', headers: sent, body, stop });
  return followed(once, place.address(path));
}

/** Asks again where the server sends a request on within itself, such as for the sake of a slash at the end. */
async function followed(ask: (url: string) => Promise<Incoming>, first: string): Promise<Incoming> {
  for (let url = first, hops = 0; ; hops++) {
    const incoming = await ask(url);
    const { statusCode = 502, headers } = incoming;
    const to = hops < REDIRECTS ? onward(statusCode, headers.location, url) : undefined;
    if (to === undefined) return incoming;
    incoming.destroy();
    url = to;
  }
}

const lowered = (headers: { readonly [name: string]: string }): { [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function incomingOf(response: Response): Incoming {
  const body = response.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    destroy() {
      body.cancel().catch(() => undefined);
      return this as unknown as IncomingMessage;
    },
    [Symbol.asyncIterator]: () => body[Symbol.asyncIterator](),
  };
}

/** Headers of a reply that a client has use for. */
const HANDED_ON =
  /^(?:x-request-id|request-id|retry-after|retry-after-ms|x-should-retry|x-ratelimit-.+|ratelimit.*|anthropic-ratelimit-.+|openai-processing-ms|openai-version|openai-model)$/;

function replyHeaders({ headers }: Incoming): { [name: string]: string } {
  const kept: { [name: string]: string } = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string' && HANDED_ON.test(name)) kept[name] = value;
  }
  return kept;
}

/** The whole of a reply, or with `cut` as much of it as may be. */
async function readText(incoming: Incoming, most: number, cut = false): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  await eachPiece(incoming, (piece) => {
    bytes += piece.length;
    if (bytes <= most) {
      pieces.push(piece);
      return true;
    }
    if (cut) return false;
    throw new Refusal(`The server of the model sent more than ${most} bytes.`, {
      status: 502,
      type: UPSTREAM,
      code: 'upstream_malformed',
    });
  });
  return utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
}

const utf8 = new TextDecoder();

async function refused(
  passing: Passing,
  incoming: Incoming,
  status: number,
  headers: { readonly [name: string]: string },
): Promise<Answer> {
  const text = await readText(incoming, REFUSAL_BYTES, true).catch(() => '');
  return refusedWith(passing, status, text, headers);
}

const NOTHING_USED: Reply['usage'] = {
  inputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cachedInputTokens: 0,
  usd: 0,
};

/** An error of the server, in our form: its own words, without its keys, and with a status that the client can act on. */
function refusedWith(
  { behind: { place }, onUsage }: Passing,
  status: number,
  text: string,
  headers: { readonly [name: string]: string },
): Answer {
  const message = cleanText(wordsIn(text).slice(0, 2000), place.secrets) || wordless(status);
  onUsage(NOTHING_USED); // a server bills no request that it refuses
  const told = statusBehind(status, message);
  const own = object(objectIn(text)?.['error']);
  const field = (name: string): string | undefined => (typeof own?.[name] === 'string' ? own[name] : undefined);
  const isOfRequest = told.status === status && status < 500;
  const refusal = new Refusal(message, {
    status: told.status,
    type: isOfRequest ? (field('type') ?? told.type) : told.type,
    code: isOfRequest ? (field('code') ?? told.code) : told.code,
    param: isOfRequest ? (field('param') ?? null) : null,
  });
  return errorAnswer(refusal, { ...headers, 'x-plusx-upstream-status': String(status) });
}

/** What kept the request from the server, or the reply from us. */
function explained(error: unknown): unknown {
  if (error instanceof Refusal || error instanceof ClientLeft) return error;
  const trouble = networkTrouble(error, 'the address of the server') ?? causeOf(error);
  return trouble
    ? new Refusal(`The server of the model could not be reached: ${trouble.why}.`, {
        status: 502,
        type: UPSTREAM,
        code: 'upstream_unreachable',
      })
    : error;
}

/** Node's client says `aborted` where the connection breaks off in the middle of a reply. */
function causeOf(error: unknown): { readonly why: string } | undefined {
  return error instanceof Error && /aborted|socket hang up|Parse Error/.test(error.message)
    ? { why: 'the connection broke off' }
    : undefined;
}
