/** A way to a server of PostgreSQL that breaks at the worst moments: when a transaction ends. For tests. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** How often it broke before the server heard the end of a transaction, and after it had ended it. */
  readonly cuts: { before: number; after: number };
  close(): Promise<void>;
}

/** A way to a server that breaks so many connections as they are made: what it looks like while the server starts again. */
export async function startingProxy(target: number, breaks: number): Promise<Omit<CuttingProxy, 'cuts'>> {
  let left = breaks;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (left > 0) {
      left--;
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What `decide` says at each end of a transaction: to let it through, or to break before or after the server has heard it. */
export async function cuttingProxy(
  target: number,
  decide: () => 'through' | 'before' | 'after',
): Promise<CuttingProxy> {
  const cuts = { before: 0, after: 0 };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isMute = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        if (!isMute) end();
      });
    }
    client.on('data', (data) => {
      const fate = data.includes('COMMIT') || data.includes('DO NOTHING') ? decide() : 'through';
      if (fate === 'before') {
        cuts.before++;
        end();
        return;
      }
      upstream.write(data);
      if (fate === 'after') {
        cuts.after++;
        isMute = true; // the answer is not passed on
      }
    });
    upstream.on('data', (data) => {
      if (isMute) client.destroy();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cuts,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
