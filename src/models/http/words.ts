/** What a server says of its own error: its words, out of whatever it wraps them in, and the status they amount to. */
import { parseJson } from './json.ts';

/** Fields that name a kind of error. They come before what tells more of it. */
const GENERAL = ['error', 'fault', 'title', 'Error'];
/** Fields that tell what went wrong. */
const PARTICULAR = [
  'errors',
  'message',
  'Message',
  'detail',
  'msg',
  'error_description',
  'error_message',
  'errorMessage',
  'error_msg',
  'reason',
  'description',
  'faultstring',
  'raw',
];
/** Fields that hold more of the same error, one level further in. */
const INNER = ['metadata', 'inner_error', 'innererror', 'choices'];
/** Fields that say something where no other does. */
const LAST = ['details', 'code', 'type', 'status', 'statusText'];

const DEEPEST = 6;
const MOST_OF_A_LIST = 5;
/** Characters of a page that are looked at. */
const START = 8192;

/** The words of an error reply: the message inside an object, the title of a page, or the text as it is. */
export function wordsIn(body: string): string {
  const text = body.trim();
  if (/^[{["]/.test(text)) return wordsOf(parsed(text), 0) ?? text;
  return isPage(text) ? pageWords(text) : text;
}

/** Whether a body is a page for people and not an answer for programs. */
export const isPage = (body: string): boolean => /^\s*<(?:!doctype|html|head|body|center|h1|\?xml|!--)/i.test(body);

/** Title and heading of a page, or its text where it has neither. */
export function pageWords(html: string): string {
  const start = html.slice(0, START);
  const named = joined([tagged(start, 'title'), tagged(start, 'h1'), tagged(start, 'Message')].filter(Boolean));
  return named === '' ? plain(start) : named;
}

function tagged(html: string, name: string): string {
  const [, after = ''] = new RegExp(`<${name}\\b[^<>]*>([^]*)`, 'i').exec(html) ?? [];
  const end = after.search(new RegExp(`</${name}\\b`, 'i'));
  return end === -1 ? '' : plain(after.slice(0, end));
}

const ENTITIES: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

const plain = (html: string): string =>
  html
    .replaceAll(/<(?:style|script)\b[^<>]*>[^<]*/gi, ' ')
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (_all, name: string) => ENTITIES[name] ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The words in a value, or `undefined` where it has none. */
function wordsOf(value: unknown, depth: number): string | undefined {
  if (depth > DEEPEST) return undefined;
  if (typeof value === 'string') {
    const text = value.trim();
    // Gateways put the whole reply of the server behind them into a text.
    const inner = /^[{[]/.test(text) ? wordsOf(parsed(text), depth + 1) : undefined;
    return inner ?? (text === '' ? undefined : text);
  }
  if (Array.isArray(value)) {
    const found = value.slice(0, MOST_OF_A_LIST).flatMap((item) => wordsOf(item, depth + 1) ?? []);
    return found.length === 0 ? undefined : [...new Set(found)].join('; ');
  }
  return isObject(value) ? wordsOfObject(value, depth) : undefined;
}

function wordsOfObject(value: Fields, depth: number): string | undefined {
  const from = (fields: readonly string[]): string[] =>
    fields.flatMap((field) => (Object.hasOwn(value, field) ? (wordsOfField(field, value[field], depth) ?? []) : []));
  const found = joined([...from(GENERAL), ...from(PARTICULAR), ...from(INNER)]);
  const [last = ''] = from(LAST);
  const words = found === '' ? last : found;
  if (words === '') return undefined;
  const place = placeOf(value['loc']);
  return place === '' ? words : `${place}: ${words}`;
}

function wordsOfField(field: string, value: unknown, depth: number): string | undefined {
  const words = wordsOf(value, depth + 1);
  if (words !== undefined || field !== 'errors' || !isObject(value)) return words;
  // One list of complaints for each field of the request.
  const found = Object.entries(value)
    .slice(0, MOST_OF_A_LIST)
    .flatMap(([name, complaint]) => {
      const inner = wordsOf(complaint, depth + 1);
      return inner === undefined ? [] : [`${name}: ${inner}`];
    });
  return found.length === 0 ? undefined : found.join('; ');
}

/** Where in the request a complaint of a validator points to. */
function placeOf(loc: unknown): string {
  return Array.isArray(loc) ? loc.filter((step, i) => i > 0 || step !== 'body').join('.') : '';
}

/** One text of several: each once, and none that another one holds already. */
function joined(parts: readonly string[]): string {
  const holds = (whole: string, part: string): boolean => whole.toLowerCase().includes(part.toLowerCase());
  const said = parts.filter(
    (part, i) =>
      !parts.some(
        (other, j) => (other.length > part.length || (other.length === part.length && j < i)) && holds(other, part),
      ),
  );
  return said.map((part, i) => (i < said.length - 1 ? part.replace(/[.:\s]+$/, '') : part)).join(': ');
}

/** Statuses of the kinds of errors that come where no status can be sent any more. */
const STATUS_OF_KIND: { readonly [kind: string]: number } = {
  invalid_request_error: 400,
  badrequesterror: 400,
  invalid_argument: 400,
  failed_precondition: 400,
  authentication_error: 401,
  unauthenticated: 401,
  billing_error: 402,
  insufficient_quota: 429,
  permission_error: 403,
  permission_denied: 403,
  not_found_error: 404,
  notfounderror: 404,
  not_found: 404,
  timeout_error: 504,
  deadline_exceeded: 504,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  resource_exhausted: 429,
  overloaded_error: 529,
  unavailable: 503,
  not_supported_error: 501,
  unimplemented: 501,
  api_error: 500,
  server_error: 500,
  internal_server_error: 500,
  internal: 500,
};

/** The status that an error inside a reply amounts to, where it says. */
export function statusIn(value: unknown): number | undefined {
  if (!isObject(value)) return undefined;
  for (const field of ['code', 'status', 'status_code', 'statusCode', 'http_status', 'type']) {
    const found = value[field];
    const status = typeof found === 'string' && found.trim() === '' ? Number.NaN : Number(found);
    if (Number.isInteger(status) && status >= 400 && status < 600) return status;
    const kind = typeof found === 'string' ? found.toLowerCase() : '';
    if (Object.hasOwn(STATUS_OF_KIND, kind)) return STATUS_OF_KIND[kind];
  }
  return statusIn(value['error']) ?? statusIn(failedIn(value)[0]);
}

/** Whether a body of status 200, or an event of a stream, is an error all the same. */
export function isError(body: unknown): body is Fields {
  if (!isObject(body)) return false;
  const { error, object, type } = body;
  if (object === 'error' || type === 'error') return true;
  if (Boolean(error) && !(isObject(error) && Object.keys(error).length === 0)) return true;
  return failedIn(body).length > 0;
}

/** The choices of a reply of which none came to anything: gateways tell in each what went wrong. */
function failedIn({ choices }: Fields): readonly unknown[] {
  return Array.isArray(choices) && choices.length > 0 && choices.every((choice) => isError(choice)) ? choices : [];
}

type Fields = { readonly [field: string]: unknown };

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
