/** Runs the command line as a user does: a process of its own, on the TypeScript source. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunSettings {
  readonly env?: { readonly [name: string]: string };
  readonly input?: string;
  readonly cwd?: string;
  /** Gets the process as soon as it runs. */
  readonly started?: (child: ChildProcess) => void;
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Settings of the developer's own must not reach the tests. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'SYSTEMROOT'];

export function plusx(
  args: readonly string[],
  { env = {}, input = '', cwd, started }: RunSettings = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const inherited = Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...inherited, ...env } });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.on('error', () => {}); // a verb need not read its input
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    started?.(child);
  });
}

/** A command that is under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written to standard error so far. */
  err(): string;
}

/** The same, without waiting for its end. */
export function startPlusx(args: readonly string[], settings: Omit<RunSettings, 'started'> = {}): Started {
  let child: ChildProcess | undefined;
  let err = '';
  const ended = plusx(args, {
    ...settings,
    started(process) {
      child = process;
      process.stderr?.on('data', (text: string) => (err += text));
    },
  });
  return { child: child as ChildProcess, ended, err: () => err };
}

/** Starts `plusx serve` on a port that is free; `url` is where clients send their requests. */
export async function startServer(cwd: string): Promise<Started & { readonly url: string }> {
  const server = startPlusx(['serve', '--port', '0'], { cwd });
  const url = await vi.waitFor(
    () => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(server.err()) ?? [];
      if (found === undefined) throw new Error(`no address of a server in: ${server.err()}`);
      return found;
    },
    { timeout: 60_000 },
  );
  return { ...server, url };
}

/** What `--json` printed: one document and nothing else. */
export function json(ended: Ended): never {
  return JSON.parse(ended.out) as never;
}
