/** What is asked of a batch endpoint: a file is uploaded, a batch made of it or found, looked at until it is done, and its answers read. */
import { BATCH_ANSWERS_BYTES, BATCH_PAGES, REPLY_BYTES } from '../../../core/bounds.ts';
import { endpoint } from '../../../core/calls/secrets.ts';
import { MalformedReply, sleep, systemClock } from '../../../core/index.ts';
import { linesOf, parseJson, readText, upstream } from '../../http/index.ts';
import { object, objects, text, whole, type Wire } from '../wire.ts';

export interface BatchState {
  /** The server's name for it. */
  readonly id: string;
  /** The server's word: `in_progress`, `completed`, `expired`, … */
  readonly status: string;
  /** Requests in it, and those that are answered; unknown where the server says nothing of them. */
  readonly requests: number | undefined;
  readonly answered: number | undefined;
  /** When it was made, in milliseconds since 1970; unknown where the server does not say. */
  readonly since: number | undefined;
}

export interface Server {
  readonly root: string;
  /** The query of its addresses, such as `?api-version=1`. */
  readonly search: string;
  readonly fetch: typeof fetch;
  /** Of the requests that are batched: they hold the key. */
  readonly headers: RequestInit['headers'];
}

/** A server's account of a request. */
export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** The answers of a batch by line, and what is answered to the others. */
export interface Answers {
  of(line: string): Answered | undefined;
  readonly others: Answered;
}

/** A file of requests that the server has. */
export interface Uploaded {
  readonly id: string;
  /** When it was made by the server's clock, in seconds since 1970, where it says so. */
  readonly at: number | undefined;
}

/** Uploads one line for every request. What the server answers where it refuses. */
export async function uploaded(
  server: Server,
  lines: readonly { readonly id: string; readonly body: string }[],
  signal: AbortSignal,
): Promise<Uploaded | Response> {
  const rows = lines.map(({ id, body }) =>
    JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: JSON.parse(body) as unknown }),
  );
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([rows.join('\n')], { type: 'application/jsonl' }), 'plusx.jsonl');
  const response = await asked(server, '/files', { method: 'POST', body: form, signal });
  if ([404, 405, 501].includes(response.status)) {
    await response.body?.cancel();
    return responseOf({
      status: 404,
      body: {
        error: {
          message: `this server has no batch endpoint (POST /files answered ${response.status}). Leave out batch.`,
        },
      },
    });
  }
  if (!response.ok) return response;
  const made = await documentIn(server, '/files', response);
  const id = text(made['id']);
  if (id === undefined)
    return responseOf({ status: 502, body: { error: { message: 'the uploaded file was given no id' } } });
  return { id, at: whole(made['created_at']) };
}

/** Makes a batch of a file. It costs money from here on: nobody who leaves breaks it off half done. */
export async function created(server: Server, file: string): Promise<string> {
  const body = JSON.stringify({
    input_file_id: file,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  const made = await json(server, '/batches', { method: 'POST', body });
  const id = text(made['id']);
  if (id === undefined) throw new Error('the batch was given no id');
  return id;
}

/**
 * A batch of this file that the server has: made by a process that ended before it noted it. Lists are newest first: what is older than the
 * file is not of it. A list that goes on beyond `BATCH_PAGES` is an error, since another batch might be paid for twice.
 */
export async function listed(server: Server, { id, at }: Uploaded, signal: AbortSignal): Promise<string | undefined> {
  const seen = new Set<string>();
  for (let page = 0, after = ''; page < BATCH_PAGES; page++) {
    const path = `/batches?limit=100${after && `&after=${encodeURIComponent(after)}`}`;
    const list = await json(server, path, { method: 'GET', signal });
    const batches = objects(list['data']) ?? [];
    const found = text(batches.find((one) => one['input_file_id'] === id)?.['id']);
    if (found !== undefined) return found;
    const [first, last] = [batches[0], batches.at(-1)];
    const [newest, oldest] = [whole(first?.['created_at']), whole(last?.['created_at'])];
    const isPast = at !== undefined && newest !== undefined && oldest !== undefined && oldest < newest && oldest < at;
    after = text(last?.['id']) ?? '';
    if (list['has_more'] !== true || isPast || after === '' || seen.has(after)) return undefined;
    seen.add(after);
  }
  throw new MalformedReply({
    url: shownOf(server, '/batches'),
    why: `more than ${BATCH_PAGES} pages of batches, and none of the first is of the file ${id}`,
    body: 'whether it is in one cannot be told',
    hint: 'Ask in another run (--run NAME) to have it sent again',
  });
}

/** Looks that may fail before the server is given up: the batch goes on without us. */
const PATIENCE = 20;
const FIRST_LOOK_MS = 1000;
const ENDED = new Set(['completed', 'failed', 'expired', 'cancelled']);

/** Waits until a batch is done, for as long as anybody wants it. */
export async function finished(
  server: Server,
  id: string,
  { pollMs, signal, tell }: { pollMs: number; signal: AbortSignal; tell: ((batch: BatchState) => void) | undefined },
): Promise<Answers> {
  let wait = Math.min(FIRST_LOOK_MS, pollMs);
  for (let failures = 0; ;) {
    try {
      const batch = await json(server, `/batches/${id}`, { method: 'GET', signal });
      const status = text(batch['status']);
      if (status !== undefined) tell?.(stateOf(id, status, batch));
      if (status !== undefined && ENDED.has(status)) {
        const files = [batch['output_file_id'], batch['error_file_id']].flatMap((file) => text(file) ?? []);
        const rows = new Map<string, string>();
        for (const file of files) await readAnswers(server, file, rows, signal);
        return { of: (line) => answeredIn(rows.get(line)), others: unanswered(id, status, batch) };
      }
      failures = 0;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MalformedReply || ++failures > PATIENCE) throw error;
    }
    await sleep(wait, { clock: systemClock, signal });
    wait = Math.min(pollMs, 2 * wait);
  }
}

/** What those are told that a batch has no answer for: what expired is asked again, and what somebody ended is not. */
function unanswered(id: string, status: string, batch: Wire): Answered {
  const [first] = objects(object(batch['errors'])?.['data']) ?? [];
  const why = text(first?.['message']);
  const said = why === undefined ? '' : `: ${why}`;
  const isOver = status === 'cancelled' || status === 'failed';
  const hint = status === 'cancelled' ? '. Repeat the command to ask in another batch what it did not answer' : '';
  const message = `batch ${id} is ${status} and has no answer to this request${said}${hint}`;
  return { status: isOver ? 400 : 503, body: { error: { message } } };
}

function stateOf(id: string, status: string, batch: Wire): BatchState {
  const counts = object(batch['request_counts']);
  const [completed, failed] = [whole(counts?.['completed']), whole(counts?.['failed'])];
  const made = whole(batch['created_at']);
  return {
    id,
    status,
    requests: whole(counts?.['total']),
    answered: completed === undefined ? undefined : completed + (failed ?? 0),
    since: made === undefined ? undefined : made * 1000,
  };
}

/** Reads the lines of a file of answers as they come. A line that is none is left out. */
async function readAnswers(
  server: Server,
  file: string,
  rows: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const path = `/files/${file}/content`;
  const response = await asked(server, path, { method: 'GET', signal });
  if (!response.ok) throw await refusal(server, path, response);
  const tooLong = (start: string): Error =>
    new MalformedReply({
      url: shownOf(server, path),
      why: `answers of more than ${BATCH_ANSWERS_BYTES} bytes, or one of more than ${REPLY_BYTES}`,
      body: start.slice(0, 200),
      hint: 'Ask for shorter answers (--max-tokens), or for fewer items at a time (--limit)',
    });
  for await (const row of linesOf(response.body, { line: REPLY_BYTES, all: BATCH_ANSWERS_BYTES, tooLong })) {
    const id = text(object(valueIn(row))?.['custom_id']);
    if (id !== undefined) rows.set(id, row);
  }
}

function answeredIn(row: string | undefined): Answered | undefined {
  if (row === undefined) return undefined;
  const line = object(valueIn(row));
  const reply = object(line?.['response']);
  const status = whole(reply?.['status_code']) ?? 500;
  return { status, body: reply?.['body'] ?? { error: line?.['error'] ?? null } };
}

function valueIn(row: string): unknown {
  try {
    return parseJson(row);
  } catch {
    return undefined;
  }
}

async function json(server: Server, path: string, init: RequestInit): Promise<Wire> {
  const response = await asked(server, path, init);
  if (!response.ok) throw await refusal(server, path, response);
  return documentIn(server, path, response);
}

async function documentIn(server: Server, path: string, response: Response): Promise<Wire> {
  return object(parseJson(await readText({ shown: shownOf(server, path), secrets: [] }, response))) ?? {};
}

/** The words of the server are left out: they may repeat the key. */
async function refusal(server: Server, path: string, response: Response): Promise<Error> {
  await response.body?.cancel();
  return upstream({ shown: shownOf(server, path), secrets: [] }, response.status, '');
}

const shownOf = ({ root }: Server, path: string): string => endpoint(`${root}${path}`).shown;

/** With the headers of the requests that are batched, but those of their bodies. Keys and questions follow no redirect. */
async function asked(
  { root, search, fetch: send, headers }: Server,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const kept = new Headers(headers);
  kept.delete('content-type');
  kept.delete('content-length');
  if (typeof init.body === 'string') kept.set('content-type', 'application/json');
  const [at = '', query = ''] = path.split('?');
  const all = [search.slice(1), query].filter((part) => part !== '').join('&');
  return send(`${root}${at}${all && `?${all}`}`, { ...init, headers: kept, redirect: 'manual' });
}

export const responseOf = ({ status, body }: Answered): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
