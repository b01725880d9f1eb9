/** When a server says a refused request may come again: every header and every wording of that, read in one place. */

/** What a refusal says about another try. */
export interface Hints {
  /** Milliseconds to wait, where the server says. */
  readonly waitMs: number | undefined;
  /** Whether another try makes sense, where the server says so outright. */
  readonly again: boolean | undefined;
}

/** The value of a header, or `null`. */
export type HeaderReader = (name: string) => string | null;

/** Reads the hints of a refusal: first what is meant for clients, then the state of rate limits, then the text. */
export function hintsIn(header: HeaderReader, body = ''): Hints {
  const date = header('date');
  const should = header('x-should-retry');
  const waitMs =
    milliseconds(header('retry-after-ms')) ??
    milliseconds(header('x-ms-retry-after-ms')) ??
    retryAfter(header('retry-after'), date) ??
    resetOf(header, date) ??
    waitInText(body);
  return { waitMs, again: should === 'true' ? true : should === 'false' ? false : undefined };
}

/** Reads plain objects of headers, whatever the case of their names. */
export function headersOf(headers: { readonly [name: string]: string | undefined } | undefined): HeaderReader {
  const known = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => known.get(name) ?? null;
}

function milliseconds(value: string | null): number | undefined {
  const ms = value === null || value.trim() === '' ? Number.NaN : Number(value);
  return ms >= 0 && Number.isFinite(ms) ? ms : undefined;
}

/** Milliseconds a `Retry-After` asks for: seconds, a duration, or a date measured against the server's own clock. */
export function retryAfter(value: string | null, serverDate: string | null): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const ms = duration(value);
  return ms === undefined ? until(value, serverDate) : Math.max(0, ms);
}

/** Milliseconds in `7`, `7.5s`, `20ms`, `1m30s`, `2 minutes`. A plain number is seconds. */
function duration(value: string): number | undefined {
  const text = value.trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/i.test(text)) return undefined;
  let ms = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const size = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
    if (size === undefined) return undefined;
    ms += Number(amount) * size;
  }
  return ms;
}

const UNITS: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^(?:ms|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
];

/** Milliseconds from the server's own time to a date. Without the server's time nobody knows. */
function until(date: string | number, serverDate: string | null): number | undefined {
  const wait = (typeof date === 'number' ? date : Date.parse(date)) - Date.parse(serverDate ?? '');
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** Pairs of headers: what is left of a limit, and when it is full again. */
const LIMITS = [
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) => [
    `anthropic-ratelimit-${what}-remaining`,
    `anthropic-ratelimit-${what}-reset`,
  ]),
  ...['-requests', '-tokens', ''].map((what) => [`x-ratelimit-remaining${what}`, `x-ratelimit-reset${what}`]),
  ['ratelimit-remaining', 'ratelimit-reset'],
] as const;

/** The longest wait among the limits that are used up, or that do not say what is left of them. */
function resetOf(header: HeaderReader, date: string | null): number | undefined {
  const waits = LIMITS.flatMap(([remaining = '', reset = '']) => {
    const left = header(remaining);
    const value = header(reset);
    const used = left === null || Number(left) <= 0;
    return value !== null && used ? (resetMs(value, date) ?? []) : [];
  });
  // The newer form has all in one header: `"default";r=0;t=30`.
  for (const [, left, seconds] of (header('ratelimit') ?? '').matchAll(/;\s*r=(\d+)\s*;\s*t=(\d+)/g))
    if (Number(left) === 0) waits.push(Number(seconds) * 1000);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** A reset is a duration, seconds, a date, or a time since 1970 in seconds or milliseconds. */
function resetMs(value: string, date: string | null): number | undefined {
  const number = Number(value);
  if (number > 1e12) return until(number, date);
  if (number > 1e9) return until(number * 1000, date);
  return retryAfter(value, date);
}

const SAID = [
  /"retryDelay"\s*:\s*"([\d.]+s)"/,
  /(?:try|retry) again (?:in|after) ((?:\d+(?:\.\d+)?\s*[a-z]+\s*){1,4})/i,
  /retry after ((?:\d+(?:\.\d+)?\s*[a-z]+\s*){1,4})/i,
  /"estimated_time"\s*:\s*(\d+(?:\.\d+)?)/,
];

/** A wait that only the text of the error names. */
function waitInText(body: string): number | undefined {
  for (const pattern of SAID) {
    const ms = duration(pattern.exec(body)?.[1] ?? '');
    if (ms !== undefined) return ms;
  }
  return undefined;
}
