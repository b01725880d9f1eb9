/** Processes of the command line that tests start, wait for and end; what they said is told where a wait is too long. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { plusx, type Ended } from '../../test-support/plusx.ts';

export interface Started {
  readonly name: string;
  /** All that it has printed, both ways. */
  readonly said: () => string;
  /** Asks it to end, or makes it. */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): void;
  readonly ended: Promise<Ended>;
  /** How it ended, once it has. */
  readonly over: () => Ended | undefined;
}

export interface Processes extends AsyncDisposable {
  start(name: string, args: readonly string[], env?: { readonly [name: string]: string }): Started;
  /** Waits until it is so. */
  until(what: () => boolean | Promise<boolean>, name: string): Promise<void>;
  /** Waits for the end of one. */
  end(started: Started): Promise<Ended>;
  /** Ends all that were started. */
  endAll(): Promise<void>;
}

const PATIENCE_MS = 120_000;

export function processes(cwd: string): Processes {
  const all: Started[] = [];
  const tooLong = (name: string): Error => {
    const said = all.map((one) => `${one.name}: ${one.said().trim().slice(-500)}`).join('\n');
    return new Error(`waited ${PATIENCE_MS / 1000} s for ${name}. What was said:\n${said}`);
  };
  const endAll = async (): Promise<void> => {
    const ending = all.splice(0);
    for (const { kill } of ending) kill();
    await Promise.all(ending.map(({ ended }) => ended));
  };
  return {
    start(name, args, env = {}) {
      let child: ChildProcess | undefined;
      let text = '';
      let over: Ended | undefined;
      const ended = plusx(args, {
        cwd,
        env,
        started(process) {
          child = process;
          for (const stream of [process.stdout, process.stderr]) stream?.on('data', (more: string) => (text += more));
        },
      });
      const started: Started = {
        name,
        said: () => text,
        kill: (signal = 'SIGKILL') => void child?.kill(signal),
        ended,
        over: () => over,
      };
      void ended.then((end) => (over = end));
      all.push(started);
      return started;
    },
    async until(what, name) {
      const began = performance.now();
      while (!(await what())) {
        if (performance.now() - began > PATIENCE_MS) throw tooLong(name);
        await pause(10);
      }
    },
    async end(started) {
      const stop = new AbortController();
      const late = pause(PATIENCE_MS, undefined, { signal: stop.signal }).then(() => {
        throw tooLong(`the end of ${started.name}`);
      });
      try {
        return await Promise.race([started.ended, late]);
      } finally {
        late.catch(() => undefined);
        stop.abort();
      }
    },
    endAll,
    [Symbol.asyncDispose]: endAll,
  };
}
