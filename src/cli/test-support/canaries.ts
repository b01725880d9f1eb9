/** Secrets that can be told apart, in every place that may hold one, and a loopback server that repeats all it is sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROVIDERS } from '../../models/openai/index.ts';

/** How the server of canaries answers. Each has an address of its own. */
export const MODES = [
  '200',
  '401',
  '403',
  '429',
  '500',
  'html',
  'reset',
  'away',
  'no-list',
  'no-choices',
  'odd-content',
  'cut',
  'error-in-200',
] as const;
export type Mode = (typeof MODES)[number];

export interface CanaryServer {
  /** The address of a mode, without credentials. */
  readonly url: (mode: Mode) => string;
  /** What came in: address, headers and body in one text. */
  readonly heard: readonly { readonly url: string; readonly text: string }[];
  readonly close: () => Promise<void>;
}

/** A server that repeats the address and the headers in every error, and in every reply that is not as it should be. */
export async function canaryServer(): Promise<CanaryServer> {
  const heard: { url: string; text: string }[] = [];
  const server = createServer((incoming, response) => void answer(incoming, response, heard));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (mode) => `http://127.0.0.1:${port}/${mode}/v1`,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  heard: { url: string; text: string }[],
): Promise<void> {
  const { url = '', headers } = incoming;
  const body = await textOf(incoming);
  heard.push({ url, text: `${url}\n${JSON.stringify(headers)}\n${body}` });
  const mode = url.split('/')[1] as Mode;
  const basic = /^Basic (.*)$/.exec(headers.authorization ?? '')?.[1];
  const pair = basic === undefined ? '' : Buffer.from(basic, 'base64').toString();
  const repeated = `You sent ${url} with ${headers.authorization} (${pair}), that is ${JSON.stringify(headers)}`;
  const say = (status: number, text: string, type = 'application/json', more: object = {}): void =>
    void response.writeHead(status, { 'content-type': type, 'retry-after': '0', ...more }).end(text);
  const error = JSON.stringify({ error: { message: repeated, type: 'test', code: pair } });
  if (mode === 'html')
    return say(200, `<html><head><title>${repeated}</title></head><body>${repeated}</body></html>`, 'text/html');
  if (mode === 'reset') return void incoming.socket.destroy();
  if (mode === 'away') return say(307, '', 'text/plain', { location: `http://127.0.0.1:1${url}` });
  if (mode === 'error-in-200') return say(200, error);
  if (/^\d+$/.test(mode) && mode !== '200') return say(Number(mode), error);
  if (incoming.method === 'GET')
    return say(200, JSON.stringify({ data: mode === 'no-list' ? repeated : [{ id: 'some' }] }));
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
  const content = mode === 'odd-content' ? { odd: repeated } : 'The answer is 4.';
  const nameless = mode === 'cut' && { tool_calls: [{ index: 0, function: { arguments: repeated } }] };
  if (mode === 'no-choices') return say(200, JSON.stringify({ choices: repeated }));
  if (/"stream":\s*true/.test(body)) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const end = mode === 'cut' ? null : 'stop';
    const piece = { choices: [{ index: 0, delta: { content, ...nameless }, finish_reason: end }], usage };
    return void response.end(`data: ${JSON.stringify(piece)}\n\n${mode === 'cut' ? '' : 'data: [DONE]\n\n'}`);
  }
  const message = { role: 'assistant', content, ...nameless };
  return say(200, JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage }));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

/** A secret and where it stood. No two are alike, and none looks like a key of a well-known service. */
export interface Canary {
  readonly place: string;
  readonly text: string;
}

export const PROMPT: Canary = { place: 'the prompt', text: 'canary prompt heron' };
export const ELSEWHERE: Canary = { place: 'a variable that is nobody’s', text: 'canaryelsewhereegret' };
export const FILE: Canary = { place: 'the name of a file', text: 'canary-file-bittern' };

/** The variables of all providers and of the server of one's own: a key, and an address with user, password and query, each a canary. */
export function settings(
  server: CanaryServer,
  mode: Mode,
  key: boolean,
): { env: { [name: string]: string }; canaries: Canary[] } {
  const canaries: Canary[] = [ELSEWHERE];
  const canary = (place: string): string => {
    const text = `canary${place.toLowerCase().replaceAll(/[^a-z]/g, '')}`;
    canaries.push({ place, text });
    return text;
  };
  const env: { [name: string]: string } = { ELSEWHERE: ELSEWHERE.text };
  const all = [
    ...Object.values(PROVIDERS).map((one) => [one.key, one.url] as const),
    ['PLUSX_API_KEY', 'PLUSX_BASE_URL'] as const,
  ];
  for (const [name, url] of all) {
    if (key) env[name] = canary(`${name} key`);
    const [user, password, query] = ['user', 'password', 'query'].map((part) => canary(`${url} ${part}`));
    env[url] = server.url(mode).replace('://', `://${user}:${password}@`) + `?code=${query}`;
  }
  return { env, canaries };
}
