/** Processes for tests, ended by hand. */
import { spawn, type SpawnOptions } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  /** Resolves when the process has said something, or is over. */
  readonly speaks: Promise<void>;
  kill(): void;
  readonly ended: Promise<Ended>;
}

/** Runs a TypeScript file in a process of its own. */
export function run(
  script: string,
  args: readonly string[],
  options: SpawnOptions = {},
  /** Hears all that was said so far, whenever there is more of it. */
  hears: (said: string, child: { kill(): void }) => void = () => {},
): Child {
  const child = spawn(process.execPath, [script, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  const { promise: speaks, resolve: spoke } = Promise.withResolvers<void>();
  child.on('close', () => spoke());
  child.stdout?.on('data', (data: Buffer) => {
    text.stdout += data.toString();
    spoke();
    hears(text.stdout, { kill: () => child.kill('SIGKILL') });
  });
  child.stderr?.on('data', (data: Buffer) => (text.stderr += data.toString()));
  return {
    speaks,
    kill: () => child.kill('SIGKILL'),
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, ...text }));
    }),
  };
}
