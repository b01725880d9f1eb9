/** A server whose Node goes through a proxy reaches its upstreams through it, as every other verb does. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const knowsProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
if (!knowsProxies) console.warn('a proxy: skipped, this Node does not read HTTP_PROXY');

const PROGRAM = `
const { keptFetch } = await import(process.argv[1]);
for (const host of ['upstream.example', '127.0.0.1:' + process.argv[2]]) {
  const response = await keptFetch('http://' + host + '/v1/models', { headers: { a: 'b' } });
  console.log(response.status, await response.text());
}`;

it.skipIf(!knowsProxies)(
  'goes through the proxy that Node is told of, but for hosts that it is told to leave out',
  async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.host} ${String(request.headers['a'])}`);
      response.end('here');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const agent = pathToFileURL(join(import.meta.dirname, 'agent.ts')).href;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', PROGRAM, agent, String(port)],
      {
        timeout: 60_000,
        env: {
          ...process.env,
          NODE_USE_ENV_PROXY: '1',
          HTTP_PROXY: `http://127.0.0.1:${port}`,
          http_proxy: '',
          NO_PROXY: '127.0.0.1',
          no_proxy: '',
        },
      },
    );
    expect(stdout).toBe('200 here\n200 here\n');
    expect(asked).toEqual(['http://upstream.example/v1/models upstream.example b', `/v1/models 127.0.0.1:${port} b`]);
  },
);
