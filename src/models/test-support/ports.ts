/** Ports of this machine, for servers that tests start as programs of their own. */
import { createServer } from 'node:net';

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Resolves once a server answers there. It has four minutes: what hangs is said before a hook of a slow test ends. */
export async function answersAt(url: string): Promise<void> {
  const end = AbortSignal.timeout(240_000);
  while (!end.aborted) {
    const signal = AbortSignal.any([end, AbortSignal.timeout(60_000)]);
    const response = await fetch(url, { signal }).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing answers at ${url}.`);
}
