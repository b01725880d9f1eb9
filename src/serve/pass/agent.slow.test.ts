import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { keptFetch } from './agent.ts';

it(
  'a reply that takes longer than a socket may lie idle arrives, and the socket is closed once it lies idle',
  { timeout: 60_000 },
  async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      setTimeout(() => response.end('late'), request.url === '/slow' ? 5500 : 0);
    });
    let connections = 0;
    const idle = new Promise<number>((resolve) => {
      server.on('connection', (socket) => {
        connections++;
        let last = 0;
        socket.on('data', () => (last = performance.now()));
        socket.on('close', () => resolve(performance.now() - last));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const path of ['/', '/slow', '/']) expect(await (await keptFetch(`${url}${path}`)).text()).toBe('late');
    expect(connections).toBe(1);
    // By us: the server would keep it for a minute.
    expect(await idle).toBeLessThan(50_000);
    server.close();
  },
);
