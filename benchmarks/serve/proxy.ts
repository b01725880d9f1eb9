/** The least that a proxy in Node can do: `node proxy.ts PORT` hands every request to that port and every reply back, unread. */
import { Agent, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256, scheduling: 'lifo' });
const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
  const { method, url: path, headers } = incoming;
  const request = send({ host: '127.0.0.1', port, method, path, headers, agent }, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(outgoing);
  });
  request.on('error', () => outgoing.destroy());
  incoming.pipe(request);
});
server.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`));
