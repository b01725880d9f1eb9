/** A server of ours in front of a loopback upstream, for tests. */
import { openaiCompatible } from '../../models/openai/index.ts';
import type { Model, Price } from '../../core/index.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/index.ts';
import type { ListenOptions, Listening } from '../listen.ts';
import { listen } from '../listen.ts';

export interface Serving {
  readonly url: string;
  readonly upstream: OpenAIServer;
  post(path: string, body: unknown, headers?: { readonly [name: string]: string }): Promise<Response>;
  close(): Promise<void>;
}

interface Settings {
  readonly options?: Partial<ListenOptions>;
  readonly quirks?: object;
  readonly price?: object | undefined;
  /** What stands between the server and the upstream, whose base URL it gets. */
  readonly gate?: ((url: string) => Promise<Gate>) | undefined;
}

export interface Gate {
  /** The base URL, `/v1` included. */
  readonly url: string;
  close(): Promise<void>;
}

/** `up` is a model behind the upstream; formulas may name it. */
export async function serving(
  upstream: OpenAIServerOptions = {},
  { options = {}, quirks, price, gate: gateTo }: Settings = {},
): Promise<Serving> {
  const server = await openaiServer(upstream);
  const gate = await gateTo?.(server.url);
  const made = new Map<string, Model>();
  const model = (name: string): Model | undefined => {
    const [, id] = /^up\/(.+)$/.exec(name) ?? [];
    if (id === undefined) return undefined;
    const known =
      made.get(name) ??
      openaiCompatible({
        model: id,
        name,
        baseURL: gate?.url ?? server.url,
        apiKey: 'sk-upstream-0123456789abcdef',
        ...(quirks && { quirks }),
        ...(price && { price: price as Price }),
        retry: { firstWaitMs: 1 },
      });
    made.set(name, known);
    return known;
  };
  const listening: Listening = await listen({ port: 0, model, listed: ['up/test'], ...options });
  return {
    url: listening.url,
    upstream: server,
    post: (path, body, headers = {}) =>
      fetch(`${listening.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async close() {
      await Promise.all([listening.close(0), gate?.close(), server.close()]);
    },
  };
}

/** The data of each event of a stream; the last may be `[DONE]`. */
export async function eventsIn(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .flatMap((block) => (block.startsWith('data: ') ? [block.slice(6)] : []))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as unknown)));
}
