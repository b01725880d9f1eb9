/** What went wrong with a request, in plain words, and whether another try can help. */
import { QUOTED_LENGTH } from '../../core/bounds.ts';
import { cleanText } from '../../core/calls/secrets.ts';
import { InvalidOption, MalformedReply, PlusxError, TimedOut, Unreachable, UpstreamError } from '../../core/index.ts';
import type { Hints } from './waits.ts';
import { isError, isPage, pageWords, statusIn, wordsIn } from './words.ts';

/** What an error may say of the request it is about. */
export interface Asked {
  /** The URL that may be shown. */
  readonly shown: string;
  readonly secrets: readonly string[];
  /** What the address is given with, for advice. Default: the option `baseURL`. */
  readonly setBy?: string | undefined;
  /** What to add to an error of a status, such as where to get a key. */
  readonly hint?: ((status: number) => string | undefined) | undefined;
}

const OPTION = '`baseURL`';

/** What an error quotes of a foreign text: its beginning, without secrets. */
export const quoted = (secrets: readonly string[], text: string): string =>
  cleanText(text.slice(0, QUOTED_LENGTH), secrets);

/** A failure that may pass. Never leaves this folder: what `told` makes is thrown in the end. */
export class Passing extends PlusxError {
  /** The error, after so many tries; `tooLongMs`: the server asks for a wait that nobody here waits. */
  readonly told: (tries: number, tooLongMs?: number) => PlusxError;
  /** In a word, for a line about the wait: `429`, `ECONNRESET`. */
  readonly why: string;
  readonly waitMs: number | undefined;
  constructor(why: string, told: Passing['told'], waitMs?: number) {
    super(why);
    this.why = why;
    this.told = told;
    this.waitMs = waitMs;
  }
}

/** The error that a caller meets: never a `Passing`. */
export const final = (error: unknown, tries = 1, tooLongMs?: number): unknown =>
  error instanceof Passing ? error.told(tries, tooLongMs) : error;

const PASSING = new Set([408, 409, 425, 429]);
/** Statuses of a server that will say the same however often it is asked. */
const LASTING = new Set([501, 505, 506, 508, 510, 511]);

/** An empty account answers 429 too, and no wait fills it. */
const NO_MONEY =
  /insufficient[_ ](?:quota|balance|credits?|funds)|billing[_ ](?:hard[_ ]limit|not[_ ]active)|exceeded_current_quota|credit balance is too low/i;
/** What a server says with 500 where it means 400: the same request will fail the same way. */
const REFUSED =
  /validation error|(?:not|n't|never) (?:be )?(?:supported|implemented)|unsupported|does(?: not|n't) support|invalid[_ ](?:request|argument|param|value)|(?:BadRequest|NotFound|NotImplemented|Authentication|PermissionDenied|UnprocessableEntity|ContextWindowExceeded)(?:Error)?\b|\berror code: 4(?!08|09|25|29)\d\d\b|(?:maximum )?context (?:length|size|window)|must be created with|un(?:expected|known|recognized) (?:keyword |request )?(?:argument|parameter|field)|no such model|model not found|only one|not allowed/i;

/** Whether another try of a request that was answered so can help. */
export function mayPass(status: number, body: string, again?: boolean): boolean {
  if (again === false || NO_MONEY.test(body)) return false;
  if (LASTING.has(status)) return false;
  if (status === 500 && REFUSED.test(body)) return false;
  return again === true || PASSING.has(status) || status >= 500;
}

/** The error of a status, as one that may pass where another try can help. */
export function upstream(
  { shown, secrets, hint }: Asked,
  status: number,
  body: string,
  { waitMs, again }: Partial<Hints> = {},
): PlusxError {
  const retryable = mayPass(status, body, again);
  const words = quoted(secrets, wordsIn(body));
  const told = (tries: number, tooLongMs?: number): UpstreamError => {
    const advice = tooLongMs === undefined ? hint?.(status) : tooLong(tooLongMs);
    return new UpstreamError({ url: shown, status, body: words, retryable, tries, ...(advice && { hint: advice }) });
  };
  return retryable ? new Passing(String(status), told, waitMs) : told(1);
}

const tooLong = (ms: number): string =>
  `The server asks to wait ${Math.ceil(ms / 1000)} s: come back then, or raise \`retry.totalWaitMs\``;

/** What an error amounts to that comes without a status. */
export const UNKNOWN_STATUS = 500;

/** Throws where a body of status 200, or an event of a stream, is an error all the same. */
export function refuseError(call: Asked, body: unknown): void {
  if (isError(body)) throw upstream(call, statusIn(body) ?? UNKNOWN_STATUS, JSON.stringify(body));
}

/** A reply that is no JSON and no events. A page for people comes from a wrong address more often than not. */
export function notOfTheProtocol(
  { shown, secrets, setBy = OPTION }: Asked,
  wanted: string,
  body: string,
): MalformedReply {
  const page = isPage(body);
  return new MalformedReply({
    url: shown,
    why: page ? `an HTML page, not ${wanted}` : body.trim() === '' ? `nothing, not ${wanted}` : `not ${wanted}`,
    body: quoted(secrets, page ? pageWords(body) : body),
    ...(page && { hint: `Check that ${setBy} ends where the API begins, often in /v1` }),
  });
}

/** Codes of the network, in words. */
const WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no such host (ENOTFOUND)',
  EAI_AGAIN: 'the name of the host could not be looked up just now (EAI_AGAIN)',
  EHOSTUNREACH: 'no way to that host (EHOSTUNREACH)',
  ENETUNREACH: 'no way to that network (ENETUNREACH)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  EPIPE: 'the connection broke off (EPIPE)',
  ETIMEDOUT: 'no connection in time (ETIMEDOUT)',
  UND_ERR_SOCKET: 'the connection broke off (UND_ERR_SOCKET)',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time (UND_ERR_CONNECT_TIMEOUT)',
  CERT_HAS_EXPIRED: 'its certificate has expired (CERT_HAS_EXPIRED)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody vouches for its certificate (DEPTH_ZERO_SELF_SIGNED_CERT)',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody known vouches for its certificate (SELF_SIGNED_CERT_IN_CHAIN)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be checked (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host (ERR_TLS_CERT_ALTNAME_INVALID)',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https (ERR_SSL_WRONG_VERSION_NUMBER)',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak https (ERR_SSL_PACKET_LENGTH_TOO_LONG)',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP (HPE_INVALID_CONSTANT)',
};

/** Codes that stay as they are until somebody does something. */
const STAYS = /^(?:ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EPROTO)$|CERT|^ERR_(?:TLS|SSL)|^HPE_|^UNABLE_TO_/;
const CERTIFICATE = /CERT|^UNABLE_TO_|ALTNAME/;
/** Time limits of the fetch in use. */
const ITS_OWN_LIMIT = /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/;

/** What kept a request from the server. */
export interface NetworkTrouble {
  readonly why: string;
  /** The code of the trouble, where there is one. */
  readonly code: string | undefined;
  readonly hint: string | undefined;
  /** Whether another try can help. */
  readonly passing: boolean;
}

/** Reads the causes that `fetch failed` hides. Nothing where the error is not of the network. */
export function networkTrouble(error: unknown, setBy = OPTION): NetworkTrouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const { codes, last } = causesOf(error);
  const code = codes.find((one) => Object.hasOwn(WORDS, one) || STAYS.test(one)) ?? codes[0];
  const known = code !== undefined && (Object.hasOwn(WORDS, code) || STAYS.test(code) || code.startsWith('UND_ERR'));
  const failed =
    error instanceof TypeError &&
    (error.cause !== undefined || /fetch failed|failed to fetch|load failed|terminated|network/i.test(error.message));
  if (!known && !failed) return undefined;
  const why = (code !== undefined && WORDS[code]) || (code === undefined ? last : `${last} (${code})`);
  return {
    why,
    code,
    hint: adviceOn(code, setBy),
    passing: !codes.some((one) => STAYS.test(one)) && !/bad port/.test(last),
  };
}

function adviceOn(code = '', setBy: string): string | undefined {
  if (code === 'ECONNREFUSED') return `Start the server, or give the right address with ${setBy}`;
  if (code === 'ENOTFOUND') return `Check the spelling of ${setBy} and the network`;
  if (CERTIFICATE.test(code))
    return 'Give its certificate authority to Node (NODE_EXTRA_CA_CERTS), or use the host name it is made for';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return `Write http:// in ${setBy}`;
  return undefined;
}

/** The codes in an error and its causes, outermost first, and the words of the innermost. */
function causesOf(error: unknown): { readonly codes: readonly string[]; readonly last: string } {
  const codes: string[] = [];
  let last = '';
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
    if (at.message !== '') last = at.message;
    if (at instanceof AggregateError)
      for (const inner of at.errors.map(causesOf)) {
        codes.push(...inner.codes);
        last = inner.last || last;
      }
  }
  return { codes, last };
}

/** Says what went wrong: our own errors as they are, an abort as the caller's reason, the rest as an unreachable host. */
export function explain(
  { shown, secrets, setBy }: Asked,
  error: unknown,
  signal: AbortSignal,
  elapsedMs: number,
): unknown {
  if (error instanceof MalformedReply) return error.quoting((text) => quoted(secrets, text));
  if (error instanceof PlusxError) return error;
  if (signal.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  const trouble = networkTrouble(error, setBy);
  if (!trouble) return cleanText(error.message, secrets) === error.message ? error : unsendable(shown);
  const { code, hint, passing } = trouble;
  if (code !== undefined && ITS_OWN_LIMIT.test(code))
    return new TimedOut({
      url: shown,
      ms: Math.round(elapsedMs),
      hint: `That is the limit of the \`fetch\` in use (${code})`,
    });
  const why = quoted(secrets, trouble.why);
  const told = (tries: number): Unreachable => new Unreachable({ url: shown, why, tries, ...(hint && { hint }) });
  return passing ? new Passing(code ?? 'no connection', told) : told(1);
}

/** Fetch repeats the header it refuses, key and all: that error goes no further. */
const unsendable = (shown: string): InvalidOption =>
  new InvalidOption({ where: shown, option: 'apiKey or headers', rule: 'must be characters a header can hold' });
