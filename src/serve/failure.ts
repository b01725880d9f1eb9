/** What a client is told where there is no answer: one shape, OpenAI's, and a status that says whose fault it is. */
import {
  BudgetExceeded,
  CapabilityMissing,
  ContextOverflow,
  FormulaError,
  MalformedReply,
  MissingKey,
  NoCandidates,
  PlusxError,
  StoreError,
  TimedOut,
  Unreachable,
  UpstreamError,
} from '../core/index.ts';
import { answered, type Answer } from './http/answer.ts';

/** The body of every error. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** A request that is not served, and why. */
export class Refusal extends PlusxError {
  override readonly kind = 'usage';
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  /** Seconds after which the request may be made again. */
  readonly retryAfter: number | undefined;
  constructor(
    message: string,
    {
      status = 400,
      type = typeOf(status),
      code = null,
      param = null,
      retryAfter,
    }: {
      readonly status?: number;
      readonly type?: string;
      readonly code?: string | null;
      readonly param?: string | null;
      readonly retryAfter?: number | undefined;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
    this.retryAfter = retryAfter;
  }
}

/** The kinds of OpenAI's errors; those of the servers behind this one have a kind of their own. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 402) return 'insufficient_quota';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** The type of an error that a server behind this one made. */
export const UPSTREAM = 'upstream_error';

/** The refusal that any error amounts to. What is not known is told to nobody but the log. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof FormulaError) return new Refusal(error.message, { param: 'model', code: 'invalid_formula' });
  if (error instanceof BudgetExceeded)
    return error.limit === 'ms'
      ? new Refusal(`The deadline of ${Math.round(error.allowed)} ms came before any answer did. Give it more time.`, {
          status: 504,
          code: 'deadline_exceeded',
        })
      : new Refusal(error.message.replaceAll('`budget.', '`plusx.budget.'), { status: 402, code: 'budget_exceeded' });
  if (error instanceof UpstreamError) return ofUpstream(error);
  if (error instanceof TimedOut) return behind(nameless(error), 504, 'upstream_timeout');
  if (error instanceof Unreachable) return behind(nameless(error), 502, 'upstream_unreachable');
  if (error instanceof MalformedReply) return behind(error.message.replace(/^\S+/, SERVER), 502, 'upstream_malformed');
  if (error instanceof NoCandidates) return behind(error.message, 502, 'no_candidates');
  if (error instanceof ContextOverflow)
    return new Refusal(error.message, { param: 'messages', code: 'context_length_exceeded' });
  if (error instanceof CapabilityMissing)
    return new Refusal(error.message, { param: 'model', code: 'unsupported_model' });
  if (error instanceof MissingKey) return new Refusal(error.message, { status: 503, code: 'model_unavailable' });
  if (error instanceof StoreError) return new Refusal('The store failed.', { status: 500, code: 'store_failed' });
  if (error instanceof PlusxError && error.kind === 'usage')
    return new Refusal(error.message.replace(WHERE_TO_PASS, 'This server gives none to this key.'));
  return new Refusal('The server failed.', { status: 500, code: 'internal_error' });
}

/** What a programmer is told, and a client cannot do. */
const WHERE_TO_PASS = /Pass `host: [^]*$/;

const SERVER = 'The server of the model';

/** The message without the address of the server: where a model runs is the operator's business. */
const nameless = (error: { readonly message: string; readonly url: string }): string =>
  error.message.replaceAll(error.url, (_, at: number) => (at === 0 ? SERVER : SERVER.replace('The', 'the')));

/** Statuses by which a server says that the request itself is wrong. */
const OF_THE_REQUEST = new Set([400, 404, 409, 413, 415, 422]);

function ofUpstream(error: UpstreamError): Refusal {
  const { status } = error;
  return statusBehind(status, status >= 300 && status < 400 ? wordless(status) : nameless(error));
}

/** What is said of a status that comes without words. Where a server sends a request on to is the operator's business too. */
export const wordless = (status: number): string =>
  status >= 300 && status < 400
    ? `${SERVER} sends the request on (${status}). Who runs this one has to give it the right address.`
    : `${SERVER} answered ${status}.`;

/**
 * What a status of a server behind this one amounts to. Its 401, 402 and 403 are about the key of this server, so the
 * client gets 502: there is nothing wrong with its own.
 */
export function statusBehind(status: number, message: string): Refusal {
  const code = `upstream_${status}`;
  if (OF_THE_REQUEST.has(status)) return new Refusal(message, { status, type: 'invalid_request_error', code });
  if (status === 429 || status === 503 || status === 504) return behind(message, status, code);
  return behind(message, status === 529 ? 503 : 502, code);
}

function behind(message: string, status: number, code: string): Refusal {
  return new Refusal(message, { status, type: UPSTREAM, code });
}

export function errorBody({ message, type, param, code }: Refusal): ErrorBody {
  return { error: { message, type, param, code } };
}

/** The reply to a request that is not served. */
export function errorAnswer(refusal: Refusal, headers: Answer['headers'] = {}): Answer {
  const { status, retryAfter } = refusal;
  return answered(JSON.stringify(errorBody(refusal)), {
    status,
    headers: {
      'content-type': 'application/json',
      ...(retryAfter !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...headers,
    },
  });
}
