/** Python, where a way is found to run it safely: which one, whose turn it is, and what a program's process has left behind. */
import type { Execution, Json, Program } from '../core/index.ts';
import { openBubblewrap } from './bubblewrap.ts';
import { firstThat, type Ended, type Engine } from './child.ts';
import { openDeno } from './deno.ts';
import { failed, outOfTime, readValue, tooLong, type SandboxLimits } from './limits.ts';

export const PYTHON_CHOICES = ['auto', 'bubblewrap', 'deno', 'none'] as const;
export type PythonChoice = (typeof PYTHON_CHOICES)[number];

export interface Python {
  readonly engine: 'bubblewrap' | 'deno';
  run(program: Program, signal: AbortSignal | undefined): Promise<Execution>;
  /** Ends what runs, which its callers hear of as an error. */
  close(): void;
}

export interface OpenPython {
  readonly choice: PythonChoice;
  /** A folder whose node_modules has deno and pyodide. Without it they are looked for beside this package. */
  readonly modules: string | undefined;
  readonly limits: SandboxLimits;
  /** Programs that run at once. */
  readonly size: number;
}

/** A first start on a busy machine takes seconds. */
const PROBE_MS = 30_000;

/** Python, or nothing where this machine cannot do that safely: an engine that cannot run one program is none. */
export async function openPython({ choice, modules, limits, size }: OpenPython): Promise<Python | undefined> {
  if (choice === 'none') return undefined;
  return firstThat(choice === 'auto' ? (['bubblewrap', 'deno'] as const) : [choice], async (name) => {
    const engine = await (name === 'deno' ? openDeno(limits, modules) : openBubblewrap(limits));
    if (!engine) return undefined;
    const probe = await engine
      .run({ language: 'python', code: 'answer = 6 * 7' }, AbortSignal.timeout(PROBE_MS))
      .then((ended) => readEnded(ended, limits))
      .catch(() => undefined);
    if (probe?.kind === 'value' && probe.value === 42) return queued(name, engine, limits, size);
    engine.close();
    return undefined;
  });
}

/** What became of a program, from what became of its process. */
function readEnded({ bytes, complaint, status, killedBy, stopped }: Ended, limits: SandboxLimits): Execution {
  if (stopped === 'time' || killedBy === 'SIGXCPU' || status === 128 + 24) return outOfTime(limits);
  if (stopped === 'output') return failed('output', 'The program wrote more than may be read back.');
  if (stopped === 'memory')
    return failed('memory', `The program took more than ${limits.memoryMb} MB and was stopped.`);
  return readReply(new TextDecoder().decode(bytes), limits) ?? gone(status, complaint);
}

/** What the runner wrote, or what the program wrote in its place. */
function readReply(text: string, limits: SandboxLimits): Execution | undefined {
  let reply: { readonly [field: string]: Json };
  try {
    reply = JSON.parse(text) as typeof reply;
  } catch {
    return undefined;
  }
  if (typeof reply !== 'object' || reply === null) return undefined;
  const { value, reason, message } = reply;
  const output = typeof reply['output'] === 'string' ? reply['output'] : '';
  if (reason === 'output' || output.length > limits.outputChars) return tooLong('output', limits.outputChars);
  if (typeof value === 'string')
    return value.length > limits.resultChars
      ? tooLong('value', limits.resultChars)
      : readValue(value === 'null' ? undefined : value, output);
  const known = REASONS.find((one) => one === reason);
  return known && typeof message === 'string' ? failed(known, message.slice(0, 1000), output) : undefined;
}

const REASONS = ['thrown', 'syntax', 'memory', 'unsupported'] as const;

/** The interpreter is gone without a word: by a signal where it met a limit, or because the program ended it. */
function gone(status: number | null, complaint: string): Execution {
  const why = complaint.trim().split('\n').at(-1);
  const how = status === null ? 'killed' : `status ${status}`;
  return failed(
    status === null || status > 128 ? 'memory' : 'thrown',
    `The program ended its interpreter (${how}${why ? `: ${why.slice(0, 300)}` : ''}).`,
  );
}

/** At most `size` programs at once; the others wait their turn. */
function queued(name: Python['engine'], engine: Engine, limits: SandboxLimits, size: number): Python {
  let running = 0;
  const waiting: (() => void)[] = [];
  const closing = new AbortController();
  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      waiting.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  return {
    engine: name,
    async run(program, given) {
      const signal = given ? AbortSignal.any([given, closing.signal]) : closing.signal;
      signal.throwIfAborted();
      if (running < size) running++;
      else await turn(signal);
      try {
        return readEnded(await engine.run(program, signal), limits);
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
    close() {
      closing.abort(new Error('The sandbox is closed.'));
      engine.close();
    },
  };
}
