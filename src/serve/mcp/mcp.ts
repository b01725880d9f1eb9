/** The two ways to a server of the Model Context Protocol: requests to an address, and the standard input of a program. */
import type { Readable, Writable } from 'node:stream';
import type { Presence } from '../connection.ts';
import { Refusal } from '../failure.ts';
import { importSdk } from './sdk.ts';
import { toolServer, type Offer } from './tools.ts';

/** Where a request came from, as far as it decides what it may ask. */
export function askedBy({ url, headers }: Request): Pick<Offer, 'origin' | 'headers'> {
  const kept = ['authorization', 'origin'].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { origin: new URL(url).origin, headers: Object.fromEntries(kept) };
}

/** Answers one request of the streamable HTTP transport. There are no sessions: each request has a server of its own. */
export async function overHttp(request: Request, presence: Presence, offer: Offer): Promise<Response> {
  // Without sessions there is nothing to listen to, and nothing to end.
  if (request.method !== 'POST')
    throw new Refusal(`/mcp takes POST, not ${request.method}.`, { status: 405, code: 'method_not_allowed' });
  const { HttpTransport } = await importSdk();
  const server = await toolServer(offer);
  const transport = new HttpTransport({});
  presence.onStop(() => {
    presence.done();
    void server.close();
  });
  await server.connect(transport);
  return transport.handleRequest(request);
}

/** Resolves where the protocol can be spoken. Throws McpMissing where its SDK is not installed. */
export async function mcpReady(): Promise<void> {
  await importSdk();
}

export interface StdioOptions {
  readonly handle: Offer['handle'];
  readonly models: Offer['models'];
  /** The key on whose account it is; nothing where there are none. */
  readonly key?: string | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly input: Readable;
  readonly output: Writable;
}

/** Answers what comes on the standard input of a program until it closes. */
export async function overStdio({ key, signal, input, output, ...offer }: StdioOptions): Promise<void> {
  const { StdioServerTransport } = await importSdk();
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const server = await toolServer({ ...offer, origin: 'http://localhost', headers });
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const end = (): void => void server.close().finally(resolve);
  input.once('end', end);
  input.once('close', end);
  signal.addEventListener('abort', end, { once: true });
  await server.connect(new StdioServerTransport(input, output));
  if (signal.aborted) end();
  await over;
}
