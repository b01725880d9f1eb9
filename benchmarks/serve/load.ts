/** Clients that send one request again and again over a socket of their own, and cost the machine as little as can be. */
import { connect, type Socket } from 'node:net';

export interface Target {
  readonly port: number;
  /** Where requests go, such as `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: unknown;
}

export interface Load {
  /** Milliseconds of each request, from its first byte out to the last byte in. */
  readonly ms: readonly number[];
  /** Milliseconds to the first byte of the reply's body. */
  readonly firstMs: readonly number[];
  readonly perSecond: number;
}

/** As many clients at one time, each sending its next request once the last is answered, for a time or a number of requests. */
export async function load(
  target: Target,
  { clients, ms = Infinity, requests = Infinity }: { clients: number; ms?: number; requests?: number },
): Promise<Load> {
  const bytes = bytesOf(target);
  const times: number[] = [];
  const firstTimes: number[] = [];
  const start = performance.now();
  let left = requests;
  const work = async (): Promise<void> => {
    const client = new Client(target.port);
    while (left-- > 0 && performance.now() - start < ms) {
      const begun = performance.now();
      const first = await client.send(bytes);
      times.push(performance.now() - begun);
      firstTimes.push(first - begun);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: clients }, work));
  return { ms: times, firstMs: firstTimes, perSecond: (times.length / (performance.now() - start)) * 1000 };
}

function bytesOf({ port, path, headers, body }: Target): Buffer {
  const text = JSON.stringify(body);
  const all = {
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${text}`);
}

/** One connection, made anew where the server closed it. */
class Client {
  readonly #port: number;
  #socket: Socket | undefined;
  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves, when all of a good reply is there, to when the first byte of its body was. */
  send(bytes: Buffer): Promise<number> {
    if (!this.#socket || this.#socket.destroyed || this.#socket.readableEnded)
      this.#socket = connect(this.#port, '127.0.0.1').setNoDelay(true);
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      let seen = '';
      let first = 0;
      const end = (error?: Error): void => {
        socket.off('data', onData).off('error', end).off('close', onClose);
        if (error) {
          socket.destroy();
          reject(error);
        } else resolve(first);
      };
      const onClose = (): void => end(/^HTTP\/1\.\d 200/.test(seen) ? undefined : new Error(`closed after ${seen}`));
      const onData = (piece: Buffer): void => {
        seen += piece.toString('latin1');
        const head = seen.indexOf('\r\n\r\n');
        if (head === -1) return;
        if (first === 0 && seen.length > head + 4) first = performance.now();
        if (!isWhole(seen, head)) return;
        if (!seen.startsWith('HTTP/1.1 200')) return end(new Error(seen.slice(0, 1000)));
        if (/\r\nconnection: close\r\n/i.test(seen.slice(0, head + 2))) socket.destroy();
        end();
      };
      socket.on('data', onData).on('error', end).on('close', onClose);
      socket.write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }
}

function isWhole(seen: string, head: number): boolean {
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(seen.slice(0, head + 2)) ?? [];
  if (length !== undefined) return seen.length >= head + 4 + Number(length);
  return /\r\ntransfer-encoding: *chunked/i.test(seen.slice(0, head + 2)) && seen.endsWith('0\r\n\r\n');
}
