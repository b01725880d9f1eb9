/** The sandbox: JavaScript everywhere, Python where bubblewrap or Deno is. */
import { InvalidOption, LanguageMissing, type Sandbox } from '../core/index.ts';
import { limitsOf, type SandboxLimits } from './limits.ts';
import { openPool } from './pool.ts';
import { openPython, PYTHON_CHOICES } from './python.ts';

export type SandboxOptions = { readonly [name in keyof SandboxLimits]?: number | undefined } & {
  /** Programs that run at once, each in a thread or process of its own. Default 2. */
  readonly workers?: number | undefined;
  /**
   * What runs Python: bubblewrap with python3 on Linux, or Pyodide in Deno (`npm install deno pyodide`). `'auto'` takes the
   * first of the two that works here, `'none'` does not look. Default 'auto'.
   */
  readonly python?: 'auto' | 'bubblewrap' | 'deno' | 'none' | undefined;
  /** A folder whose node_modules has deno and pyodide. Default: they are looked for beside this package, Deno also on the path. */
  readonly modules?: string | undefined;
};

export interface OpenSandbox extends Sandbox {
  /** What runs Python here. */
  readonly python: 'bubblewrap' | 'deno' | 'none';
  /** Ends its threads and processes. What runs in them rejects with "The sandbox is closed." */
  close(): Promise<void>;
}

const NAME = 'sandbox';

/**
 * Opens a sandbox. JavaScript runs in QuickJS, as WebAssembly with capped memory in a thread that is ended from outside
 * where a program does not stop; Python runs in bubblewrap with python3, on Linux, or else in Pyodide inside Deno. No program
 * sees the network, another program, or a file of the host but for Python itself. Its random numbers come from `Program.seed`,
 * also those that Python would ask the system for. JavaScript's clock is stopped at 2000-01-01.
 *
 * With Deno, opening takes seconds, and a process with Python in it (about 200 MB) waits for the next program until `close`.
 * Idle threads and processes do not keep this one alive. Errors: InvalidOption for a limit out of range.
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<OpenSandbox> {
  const { workers = 2, python: choice = 'auto', modules } = options;
  if (!Number.isInteger(workers) || workers < 1 || workers > 64)
    throw new InvalidOption({
      where: 'openSandbox',
      option: 'workers',
      rule: 'must be an integer from 1 to 64',
      value: workers,
    });
  if (!PYTHON_CHOICES.includes(choice))
    throw new InvalidOption({
      where: 'openSandbox',
      option: 'python',
      rule: `must be one of ${PYTHON_CHOICES.join(', ')}`,
      value: choice,
    });
  const limits = limitsOf(options);
  const pool = openPool(limits, workers);
  const python = await openPython({ choice, modules, limits, size: workers });
  return {
    name: NAME,
    python: python?.engine ?? 'none',
    languages: python ? ['javascript', 'python'] : ['javascript'],
    async run(program, { signal } = {}) {
      const { language, code, globals = {}, seed = 0 } = program;
      signal?.throwIfAborted();
      if (language === 'javascript') return pool.run({ code, globals: JSON.stringify(globals), seed }, signal);
      if (!python) throw new LanguageMissing({ sandbox: NAME, language });
      return python.run(program, signal);
    },
    async close() {
      python?.close();
      await pool.close();
    },
  };
}
