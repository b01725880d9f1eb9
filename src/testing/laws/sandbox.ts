/**
 * A sandbox for the laws, of what a browser has too: it runs JavaScript as a function of its own, and trusts whoever wrote
 * it. A program sees what any script sees, nothing stops one that does not end, and a page whose policy forbids code from
 * texts (`script-src` without `unsafe-eval`) cannot run it.
 */
import { LanguageMissing, type Execution, type Json, type Sandbox } from '../../core/index.ts';

export function trustingSandbox(): Sandbox {
  return {
    name: 'trusting',
    languages: ['javascript'],
    async run({ language, code, globals = {} }, { signal } = {}): Promise<Execution> {
      signal?.throwIfAborted();
      if (language !== 'javascript') throw new LanguageMissing({ sandbox: 'trusting', language });
      const printed: string[] = [];
      const failed = (reason: 'syntax' | 'thrown', error: unknown): Execution => ({
        kind: 'error',
        reason,
        message: error instanceof Error ? error.message : String(error),
        output: printed.join('\n'),
      });
      const console = { log: (...words: readonly unknown[]) => void printed.push(words.join(' ')) };
      const seen = { ...globals, console };
      let program: (...values: readonly unknown[]) => unknown;
      try {
        // Strict, so that a name that is not declared is an error, and not a variable of the page; a function inside
        // another, so that a program may use the name of a global for a variable of its own.
        // oxlint-disable-next-line typescript/no-implied-eval -- to run a program is what a sandbox is for
        program = new Function(...Object.keys(seen), `'use strict'; return (() => {${code}\n})();`) as typeof program;
      } catch (error) {
        return failed('syntax', error);
      }
      try {
        const text = JSON.stringify(program(...Object.values(seen))) as string | undefined;
        const value = text === undefined ? undefined : (JSON.parse(text) as Json);
        return { kind: 'value', value, output: printed.join('\n') };
      } catch (error) {
        return failed('thrown', error);
      }
    },
  };
}
