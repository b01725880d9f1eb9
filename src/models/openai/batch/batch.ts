/**
 * What need not be answered at once, through a provider's batch endpoint: requests are gathered, uploaded as one file of lines, and answered
 * within a day for less. It stands in the place of `fetch`, so that all that is known of requests and replies stays as it is.
 */
import { NO_USAGE, memoryJournal, textOf, type Journal, type Price } from '../../../core/index.ts';
import { createLimiter } from '../../http/index.ts';
import type { OpenAICompatibleOptions } from '../openai-compatible.ts';
import { parsed } from '../../../core/reading/json.ts';
import { objects, object, text, whole, type Wire } from '../wire.ts';

export interface BatchOptions {
  /** Where it is noted which request went into which batch, before anything is waited for. Default: nowhere, for as long as the process lives. */
  readonly journal?: Journal | undefined;
  /** Milliseconds without another request until those that there are make a batch. Default 1,000. */
  readonly quietMs?: number | undefined;
  /** Milliseconds between two looks at a batch, at most: the first comes after a second, and each wait is twice the last. Default 15,000. */
  readonly pollMs?: number | undefined;
  /** Requests in one batch. Default 50,000, OpenAI's own limit. */
  readonly most?: number | undefined;
  /** What a request costs of its price. Default 0.5. */
  readonly share?: number | undefined;
  /** Told when a batch is there, made now or before, and of what becomes of it. */
  readonly onBatch?: ((batch: BatchState) => void) | undefined;
}

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

const MOST_IN_A_BATCH = 50_000;
/** More than a batch may hold: none of its requests waits for another. */
const MANY = 100_000;
const A_DAY_AND_MORE = 90_000_000;
const FIRST_LOOK_MS = 1000;

/**
 * What `openaiCompatible` is given so that it sends chat requests through the server's batch endpoint (`POST /files`, `POST /batches`), which
 * answers within a day, for half the price at several providers. A stream is not batched. Give a journal on disk: a process that goes on waits
 * for what is there, and submits nothing twice.
 */
export const batched = (options: OpenAICompatibleOptions, how: BatchOptions = {}): OpenAICompatibleOptions =>
  batches(how)(options);

/** The same for several models: what they ask at one time is in one batch of their server. */
export function batches(how: BatchOptions = {}): (options: OpenAICompatibleOptions) => OpenAICompatibleOptions {
  const known = new Map<typeof fetch, typeof fetch>();
  return (options) => {
    const plain = options.fetch ?? fetch;
    const through = known.get(plain) ?? batching(plain, how);
    known.set(plain, through);
    return {
      ...options,
      price: atShare(options.price, how.share),
      fetch: through,
      limiter: createLimiter({ start: MANY, most: MANY }),
      timeoutMs: options.timeoutMs ?? A_DAY_AND_MORE,
    };
  };
}

function atShare(price: Price | undefined, share = 0.5): Price | undefined {
  if (!price) return undefined;
  const { long, ...rates } = price;
  const less = <T extends object>(of: T): T =>
    Object.fromEntries(
      Object.entries(of).map(([name, rate]) => [name, typeof rate === 'number' ? rate * share : rate]),
    ) as T;
  return { ...less(rates), ...(long && { long: { ...less(long), above: long.above } }) };
}

interface Line {
  readonly id: string;
  readonly body: string;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/** A server's account of a request. */
interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/**
 * A `fetch` that sends chat requests in batches. A request is known by its body: one that the journal says is in a batch is waited for, and
 * not sent again. What a batch failed at, or what has no seed and was handed out before, is another request.
 */
function batching(
  plain: typeof fetch,
  { journal = memoryJournal(), quietMs = 1000, pollMs = 15_000, most = MOST_IN_A_BATCH, onBatch }: BatchOptions,
): typeof fetch {
  const gathered = new Map<string, Line[]>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const batches = new Map<string, Promise<Answers>>();
  const given = new Set<string>();

  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const root = /^(.*)\/chat\/completions$/.exec(url)?.[1];
    const { body, method, signal } = init ?? {};
    if (root === undefined || method !== 'POST' || typeof body !== 'string') return plain(input, init);
    if (/"stream":\s*true/.test(body)) return plain(input, init);
    const server: Server = { root, fetch: plain, init: init ?? {} };
    let id = await idOf(root, body);
    let file = await noted(journal, `line ${root} ${id}`);
    while (file !== undefined && !(await isWhole(file))) {
      // A process ended while it noted the lines of this file: no batch was made of it, and none will be.
      await note(journal, `taken ${root} ${id}`, 'yes');
      id = await idOf(root, body);
      file = await noted(journal, `line ${root} ${id}`);
    }
    const answered =
      file === undefined ? gathering(server, id, body) : answerOf(id, body, waitedFor(server, file), root);
    try {
      return await (signal ? Promise.race([answered, aborted(signal)]) : answered);
    } catch (error) {
      // Asked again, it is the same request: it is waited for where it is.
      given.delete(`${root} ${id}`);
      const lines = gathered.get(root);
      if (lines)
        gathered.set(
          root,
          lines.filter((line) => line.id !== id),
        );
      answered.catch(() => undefined);
      throw error;
    }
  };

  async function isWhole(file: string): Promise<boolean> {
    return ((await noted(journal, `all of ${file}`)) ?? (await noted(journal, `batch of ${file}`))) !== undefined;
  }

  /** The first number of this body that was neither handed out here nor, where that counts, before. */
  async function idOf(root: string, body: string): Promise<string> {
    const hash = await sha256(body);
    for (let number = 0; ; number++) {
      const id = `${hash}-${number}`;
      const at = `${root} ${id}`;
      if (given.has(at)) continue;
      given.add(at);
      if ((await noted(journal, `taken ${at}`)) === undefined) return id;
    }
  }

  function gathering(server: Server, id: string, body: string): Promise<Response> {
    const { root } = server;
    const sent = (): void => {
      clearTimeout(timers.get(root));
      const lines = gathered.get(root) ?? [];
      gathered.delete(root);
      if (lines.length === 0) return;
      submit(server, lines).catch((error: unknown) => {
        for (const { reject } of lines) reject(error);
      });
    };
    const answered = new Promise<Response>((resolve, reject) => {
      gathered.set(root, [...(gathered.get(root) ?? []), { id, body, resolve, reject }]);
    });
    clearTimeout(timers.get(root));
    if ((gathered.get(root)?.length ?? 0) >= most) sent();
    else timers.set(root, setTimeout(sent, quietMs));
    return answered;
  }

  async function submit(server: Server, lines: readonly Line[]): Promise<void> {
    const file = await uploaded(server, lines);
    if (file instanceof Response) {
      for (const { resolve } of lines) resolve(file.clone());
      return;
    }
    // From here on a request that is asked again is looked for in the batch of this file.
    await Promise.all(lines.map(({ id }) => note(journal, `line ${server.root} ${id}`, file)));
    await note(journal, `all of ${file}`, 'yes');
    const answers = waitedFor(server, file);
    for (const { id, body, resolve, reject } of lines) answerOf(id, body, answers, server.root).then(resolve, reject);
  }

  async function answerOf(id: string, body: string, answers: Promise<Answers>, root: string): Promise<Response> {
    const { of, others } = await answers;
    const answer = of.get(id) ?? others;
    if (answer.status !== 200 || !/"seed":/.test(body)) await note(journal, `taken ${root} ${id}`, 'yes');
    return responseOf(answer);
  }

  /** The answers of the batch of a file: the one that is noted, or that the server has; else it is made now. */
  function waitedFor(server: Server, file: string): Promise<Answers> {
    const known = batches.get(file);
    if (known) return known;
    const found = (async () => {
      const id =
        (await noted(journal, `batch of ${file}`)) ?? (await listed(server, file)) ?? (await created(server, file));
      await note(journal, `batch of ${file}`, id);
      return finished(server, id, pollMs, onBatch);
    })();
    batches.set(file, found);
    found.catch(() => batches.delete(file));
    return found;
  }
}

/** The answers of a batch by line, and what is answered to the others. */
interface Answers {
  readonly of: ReadonlyMap<string, Answered>;
  readonly others: Answered;
}

interface Server {
  readonly root: string;
  readonly fetch: typeof fetch;
  /** The request that it stands for: its headers hold the key. */
  readonly init: RequestInit;
}

/** The id of the uploaded file, or the refusal. */
async function uploaded(server: Server, lines: readonly Line[]): Promise<string | Response> {
  const rows = lines.map(({ id, body }) =>
    JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: JSON.parse(body) as unknown }),
  );
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([rows.join('\n')], { type: 'application/jsonl' }), 'plusx.jsonl');
  const response = await asked(server, '/files', { method: 'POST', body: form });
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
  const id = text(object(await response.json())?.['id']);
  return id ?? responseOf({ status: 502, body: { error: { message: 'the uploaded file was given no id' } } });
}

async function created(server: Server, file: string): Promise<string> {
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

/** A batch of this file that the server has: made by a process that ended before it noted it. */
async function listed(server: Server, file: string): Promise<string | undefined> {
  const { data } = await json(server, '/batches?limit=100', { method: 'GET' });
  return text((objects(data) ?? []).find((one) => one['input_file_id'] === file)?.['id']);
}

/** Looks that may fail before the server is given up: the batch goes on without us. */
const PATIENCE = 20;
const ENDED = new Set(['completed', 'failed', 'expired', 'cancelled']);

async function finished(server: Server, id: string, pollMs: number, tell: BatchOptions['onBatch']): Promise<Answers> {
  let wait = Math.min(FIRST_LOOK_MS, pollMs);
  for (let failures = 0; ;) {
    try {
      const batch = await json(server, `/batches/${id}`, { method: 'GET' });
      const status = text(batch['status']);
      if (status !== undefined) tell?.(stateOf(id, status, batch));
      if (status !== undefined && ENDED.has(status)) {
        const files = [batch['output_file_id'], batch['error_file_id']].flatMap((file) => text(file) ?? []);
        const of = new Map<string, Answered>();
        for (const file of files) for (const [line, answer] of await answersIn(server, file)) of.set(line, answer);
        return { of, others: unanswered(id, status, batch) };
      }
      failures = 0;
    } catch (error) {
      if (++failures > PATIENCE) throw error;
    }
    await new Promise((resolve) => void setTimeout(resolve, wait));
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

async function answersIn(server: Server, file: string): Promise<readonly (readonly [string, Answered])[]> {
  const response = await asked(server, `/files/${file}/content`, { method: 'GET' });
  const said = await response.text();
  if (!response.ok) throw new Error(`/files/${file}/content answered ${response.status}`);
  return said.split('\n').flatMap((row) => {
    const line = object(parsed(row));
    const [id, reply] = [text(line?.['custom_id']), object(line?.['response'])];
    if (id === undefined) return [];
    const status = whole(reply?.['status_code']) ?? 500;
    return [[id, { status, body: reply?.['body'] ?? { error: line?.['error'] ?? null } }] as const];
  });
}

async function json(server: Server, path: string, init: RequestInit): Promise<Wire> {
  const response = await asked(server, path, init);
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return object(JSON.parse(body)) ?? {};
}

/** With the headers of the request that it stands for, but those of its body. */
function asked({ root, fetch: send, init: { headers } }: Server, path: string, init: RequestInit): Promise<Response> {
  const kept = new Headers(headers);
  kept.delete('content-type');
  kept.delete('content-length');
  if (typeof init.body === 'string') kept.set('content-type', 'application/json');
  return send(`${root}${path}`, { ...init, headers: kept });
}

const responseOf = ({ status, body }: Answered): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

async function sha256(body: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)));
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function noted(journal: Journal, what: string): Promise<string | undefined> {
  const entry = await journal.get(`batch\n${what}`);
  return entry && textOf(entry.candidate.content);
}

async function note(journal: Journal, what: string, value: string): Promise<void> {
  const candidate = {
    content: [{ type: 'text' as const, text: value }],
    finish: { unified: 'stop' as const, raw: undefined },
  };
  await journal.put(`batch\n${what}`, { candidate, usage: NO_USAGE, beside: true });
}
