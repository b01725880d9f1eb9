/** A server and a model that nobody here wrote: llama.cpp's own server with a small instruct model, as `../shared/real/serve` starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';

const SERVE = fileURLToPath(new URL('../../../../shared/real/serve', import.meta.url));
/** The first start fetches about 130 MB. */
const START_MS = 200_000;
const END_MS = 10_000;

export interface RealServer {
  readonly baseURL: string;
  close(): Promise<void>;
}

/** The server once it says where it listens; nothing, and a word about why, where there is none. */
export async function realServer(): Promise<RealServer | undefined> {
  const found = await started();
  if (typeof found !== 'string') return found;
  console.warn(`real server: skipped, ${found}`);
  return undefined;
}

async function started(): Promise<RealServer | string> {
  if (!existsSync(SERVE)) return 'there is no ../shared/real/serve';
  const server = spawn(SERVE, [`${await freePort()}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  server.stderr.on('data', (data: Buffer) => said.push(data.toString()));
  const timer = setTimeout(() => server.stdin.destroy(), START_MS);
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const baseURL = /^listening on (http:\S+)$/.exec(line)?.[1];
      if (baseURL === undefined) continue;
      const close = async (): Promise<void> => {
        const ended = once(server, 'exit', { signal: AbortSignal.timeout(END_MS) });
        server.stdin.end();
        await ended;
      };
      return { baseURL, close };
    }
  } finally {
    clearTimeout(timer);
  }
  return `it could not be had: ${said.join('').trim().split('\n').at(-1) ?? 'it said nothing'}`;
}
