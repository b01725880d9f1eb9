/** A provider on the loopback interface that writes down when each call came, in a process that does nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrival {
  /** Who called, and when it left there and came here: milliseconds since the machine's epoch. */
  readonly caller: string;
  readonly left: number;
  readonly came: number;
}

export interface Upstream {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** Most calls open at one time. */
  readonly most: number;
  close(): Promise<void>;
}

/** Answers `ok` after a while. */
export async function upstream(latencyMs: () => number = () => 0): Promise<Upstream> {
  const arrivals: Arrival[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const came = performance.timeOrigin + performance.now();
    const { caller, left } = request.headers;
    arrivals.push({ caller: String(caller), left: Number(left), came });
    most = Math.max(most, ++open);
    response.once('close', () => open--);
    setTimeout(() => response.end('ok'), latencyMs());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    get most() {
      return most;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One call of it, with the time it leaves. */
export async function call(url: string, caller: string): Promise<void> {
  const left = String(performance.timeOrigin + performance.now());
  await (await fetch(url, { headers: { caller, left } })).text();
}
