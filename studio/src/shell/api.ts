/** What the pages ask of their server, and whether it is there. */
import { signal } from '@preact/signals';
import { kept, remember } from './kept.ts';

/** `lost` until the server answers again, which is tried by itself. */
export const server = signal<'there' | 'lost'>('there');

/** What went wrong, in words for the reader. */
export class Failed extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const TOKEN = 'plusx-studio-token';

/** Keeps the token of `#token=...` for this tab, and takes it out of the address. */
export function takeToken(): void {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  sessionStorage.setItem(TOKEN, token);
  history.replaceState(null, '', location.pathname);
}

/** `path` is below `api/`, as in `runs?kind=eval`. Throws Failed. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  if (kept && Object.hasOwn(kept.replies, path)) return kept.replies[path] as T;
  const reply = (await (await send('GET', path, undefined, signal)).json()) as T;
  remember(path, reply);
  return reply;
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await (await send('POST', path, body, signal)).json()) as T;
}

export async function remove(path: string): Promise<void> {
  await send('DELETE', path, {});
}

/** What is no JSON. */
export async function bytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await send('GET', path)).arrayBuffer());
}

/** The events of a reply that is a stream of server-sent events, each the JSON of one `data:` line. */
export async function* events<T>(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const { body: stream } = await send('POST', path, body, signal);
  if (!stream) return;
  let rest = '';
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []));
      if (data.length > 0) yield JSON.parse(data.join('\n')) as T;
    }
  }
}

async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  if (kept) throw new Failed('This is a saved file: it holds what one page showed, and has no server to ask.', 0);
  const token = sessionStorage.getItem(TOKEN);
  let response: Response;
  try {
    response = await fetch(`api/${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    lose();
    throw new Failed('The server does not answer. The page goes on by itself once it is back.', 0);
  }
  server.value = 'there';
  if (response.ok) return response;
  const said = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  throw new Failed(said?.error?.message ?? `The server answered ${response.status}.`, response.status);
}

const AGAIN_MS = 1000;

function lose(): void {
  if (server.value === 'lost') return;
  server.value = 'lost';
  const look = async (): Promise<void> => {
    const response = await fetch('api/about', { headers: tokenHeader() }).catch(() => undefined);
    if (response) server.value = 'there';
    else setTimeout(() => void look(), AGAIN_MS);
  };
  setTimeout(() => void look(), AGAIN_MS);
}

function tokenHeader(): { readonly authorization?: string } {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
