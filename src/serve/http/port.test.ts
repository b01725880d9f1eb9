import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { listen } from '../listen.ts';

it('a port that another program has, and an address of another machine, are refused with the way out', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(listen({ port })).rejects.toThrow(
    `serve: port must be free, got ${port}. Another program listens there: name another port, or 0 for any that is free`,
  );
  await new Promise((resolve) => other.close(resolve));
  await expect(listen({ host: '192.0.2.1', port: 0, open: true })).rejects.toThrow(
    'serve: host must be an address of this machine, got "192.0.2.1". Listen on 127.0.0.1',
  );
});
