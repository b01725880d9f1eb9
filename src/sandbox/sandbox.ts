/** The sandbox: JavaScript everywhere, Python where bubblewrap is. */
import { InvalidOption, LanguageMissing, type Sandbox } from '../core/index.ts';
import { limitsOf, type SandboxLimits } from './limits.ts';
import { openPool } from './pool.ts';
import { findPython } from './python.ts';

export type SandboxOptions = { readonly [name in keyof SandboxLimits]?: number | undefined } & {
  /** Programs that run at once, each in a thread or process of its own. Default 2. */
  readonly workers?: number | undefined;
  /** Whether to look for Python. Default true. */
  readonly python?: boolean | undefined;
};

export interface OpenSandbox extends Sandbox {
  /** Ends its threads, with what runs in them. */
  close(): Promise<void>;
}

const NAME = 'sandbox';

/**
 * Opens a sandbox. JavaScript runs in QuickJS, as WebAssembly with capped memory in a thread that is ended from outside
 * where a program does not stop; Python runs in bubblewrap with python3, on Linux. No program sees the network, a file,
 * the clock (it is stopped at 2000-01-01) or another program, and its random numbers come from `Program.seed`.
 *
 * Idle threads do not keep the process alive. Errors: InvalidOption for a limit out of range.
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<OpenSandbox> {
  const { workers = 2, python: wanted = true } = options;
  if (!Number.isInteger(workers) || workers < 1 || workers > 64)
    throw new InvalidOption({
      where: 'openSandbox',
      option: 'workers',
      rule: 'must be an integer from 1 to 64',
      value: workers,
    });
  const limits = limitsOf(options);
  const pool = openPool(limits, workers);
  const python = wanted ? await findPython(limits, workers) : undefined;
  return {
    name: NAME,
    languages: python ? ['javascript', 'python'] : ['javascript'],
    async run(program, { signal } = {}) {
      const { language, code, globals = {}, seed = 0 } = program;
      signal?.throwIfAborted();
      if (language === 'javascript') return pool.run({ code, globals: JSON.stringify(globals), seed }, signal);
      if (!python) throw new LanguageMissing({ sandbox: NAME, language });
      return python.run(program, signal);
    },
    close: pool.close,
  };
}
