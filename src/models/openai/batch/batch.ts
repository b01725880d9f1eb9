/**
 * What need not be answered at once, through a provider's batch endpoint: requests are gathered, uploaded as one file of lines, and answered
 * within a day for less. It stands in the place of `fetch`, so that all that is known of requests and replies stays as it is.
 */
import { NO_USAGE, memoryJournal, textOf, type Journal, type Price } from '../../../core/index.ts';
import { onAbort, stoppable } from '../../../core/context/abort.ts';
import { createLimiter } from '../../http/index.ts';
import type { OpenAICompatibleOptions } from '../openai-compatible.ts';
import {
  created,
  finished,
  listed,
  responseOf,
  uploaded,
  type Answers,
  type BatchState,
  type Server,
  type Uploaded,
} from './endpoint.ts';

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

const MOST_IN_A_BATCH = 50_000;
/** More than a batch may hold: none of its requests waits for another. */
const MANY = 100_000;
const A_DAY_AND_MORE = 90_000_000;

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
  /** Of the one who asks: when it is aborted, nobody waits for the answer. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A `fetch` that sends chat requests in batches. A request is known by its body: one that the journal says is in a batch is waited for, and
 * not sent again. What a batch failed at, or what has no seed and was handed out before, is another request.
 */
function batching(
  plain: typeof fetch,
  { journal = memoryJournal(), quietMs = 1000, pollMs = 15_000, most = MOST_IN_A_BATCH, onBatch }: BatchOptions,
): typeof fetch {
  const gathered = new Map<string, Map<string, Line>>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const batches = new Map<string, Waited>();
  const given = new Set<string>();

  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const [, base, search = ''] = /^([^?]*)\/chat\/completions(\?.*)?$/.exec(url) ?? [];
    const { body, method, headers, signal } = init ?? {};
    if (base === undefined || method !== 'POST' || typeof body !== 'string') return plain(input, init);
    if (/"stream":\s*true/.test(body)) return plain(input, init);
    const server: Server = { root: base, search, fetch: plain, headers };
    const root = rootOf(server);
    const asking = signal ?? undefined;
    let id = await idOf(root, body);
    let file = await noted(journal, `line ${root} ${id}`);
    while (file !== undefined && !(await isWhole(file))) {
      // A process ended while it noted the lines of this file: no batch was made of it, and none will be.
      await note(journal, `taken ${root} ${id}`, 'yes');
      id = await idOf(root, body);
      file = await noted(journal, `line ${root} ${id}`);
    }
    const answered =
      file === undefined
        ? gathering(server, id, body, asking)
        : answerOf(id, body, waitedFor(server, file, [asking]), root);
    try {
      return await (asking ? stoppable(answered, asking) : answered);
    } catch (error) {
      // Asked again, it is the same request: it is waited for where it is.
      given.delete(`${root} ${id}`);
      gathered.get(root)?.delete(id);
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

  function gathering(server: Server, id: string, body: string, signal: AbortSignal | undefined): Promise<Response> {
    const root = rootOf(server);
    const lines = gathered.get(root) ?? new Map<string, Line>();
    gathered.set(root, lines);
    const sent = (): void => {
      clearTimeout(timers.get(root));
      gathered.delete(root);
      if (lines.size === 0) return;
      const all = [...lines.values()];
      submit(server, all).catch((error: unknown) => {
        for (const { reject } of all) reject(error);
      });
    };
    const answered = new Promise<Response>((resolve, reject) => {
      lines.set(id, { id, body, signal, resolve, reject });
    });
    clearTimeout(timers.get(root));
    if (lines.size >= most) sent();
    else timers.set(root, setTimeout(sent, quietMs));
    return answered;
  }

  async function submit(server: Server, lines: readonly Line[]): Promise<void> {
    const root = rootOf(server);
    const waiting = lines.map(({ signal }) => signal);
    const file = await uploaded(server, lines, audience(waiting).signal);
    if (file instanceof Response) {
      for (const { resolve } of lines) resolve(file.clone());
      return;
    }
    // From here on a request that is asked again is looked for in the batch of this file.
    await Promise.all(lines.map(({ id }) => note(journal, `line ${root} ${id}`, file.id)));
    await note(journal, `all of ${file.id}`, file.at === undefined ? 'yes' : String(file.at));
    const answers = waitedFor(server, file.id, waiting);
    for (const { id, body, resolve, reject } of lines) answerOf(id, body, answers, root).then(resolve, reject);
  }

  async function answerOf(id: string, body: string, answers: Promise<Answers>, root: string): Promise<Response> {
    const batch = await answers;
    const answer = batch.of(id) ?? batch.others;
    if (answer.status !== 200 || !/"seed":/.test(body)) await note(journal, `taken ${root} ${id}`, 'yes');
    return responseOf(answer);
  }

  /** The answers of the batch of a file. What is waited for is known until everybody who waits has left. */
  function waitedFor(server: Server, file: string, signals: readonly (AbortSignal | undefined)[]): Promise<Answers> {
    const known = batches.get(file);
    if (known && (known.isDone || !known.audience.signal.aborted)) {
      known.audience.join(signals);
      return known.answers;
    }
    const waiting = audience(signals);
    const entry: Waited = { audience: waiting, answers: answersOf(server, file, waiting.signal), isDone: false };
    batches.set(file, entry);
    entry.answers.then(
      () => (entry.isDone = true),
      () => batches.get(file) === entry && batches.delete(file),
    );
    return entry.answers;
  }

  /** The answers of the batch that is noted, or that the server has; else it is made now. */
  async function answersOf(server: Server, file: string, signal: AbortSignal): Promise<Answers> {
    const known = (await noted(journal, `batch of ${file}`)) ?? (await listed(server, await uploadOf(file), signal));
    signal.throwIfAborted();
    const id = known ?? (await created(server, file));
    await note(journal, `batch of ${file}`, id);
    return finished(server, id, { pollMs, signal, tell: onBatch });
  }

  async function uploadOf(id: string): Promise<Uploaded> {
    const at = Number(await noted(journal, `all of ${id}`));
    return { id, at: Number.isSafeInteger(at) ? at : undefined };
  }
}

/** A batch that is waited for, or was. */
interface Waited {
  readonly audience: Audience;
  readonly answers: Promise<Answers>;
  isDone: boolean;
}

/** Those who wait for the same thing: when the last of them has left, nothing is done for it any more. */
interface Audience {
  readonly signal: AbortSignal;
  join(signals: readonly (AbortSignal | undefined)[]): void;
}

function audience(first: readonly (AbortSignal | undefined)[]): Audience {
  const empty = new AbortController();
  let present = 0;
  const join = (signals: typeof first): void => {
    present += signals.length;
    for (const signal of signals) {
      const leave = (): void => {
        if (--present === 0) empty.abort(signal?.reason);
      };
      if (signal?.aborted) leave();
      else if (signal) onAbort(signal, leave);
    }
  };
  join(first);
  return { signal: empty.signal, join };
}

const rootOf = ({ root, search }: Server): string => `${root}${search}`;

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
