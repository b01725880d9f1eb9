/** A sandbox for the laws: it runs JavaScript for real, in a context of its own with a time limit, and trusts whoever wrote it. */
import { runInNewContext } from 'node:vm';
import type { Execution, Host, Json, Model, Sandbox } from '../../src/core/index.ts';

/** @param timeout in ms: far above what any program of the laws takes, on a busy machine as well. */
export function trustingSandbox(timeout = 10_000): Sandbox {
  return {
    name: 'trusting',
    languages: ['javascript'],
    async run({ language, code, globals }, { signal } = {}): Promise<Execution> {
      signal?.throwIfAborted();
      const printed: string[] = [];
      const failed = (reason: 'unsupported' | 'syntax' | 'thrown' | 'time', message: string): Execution => ({
        kind: 'error',
        reason,
        message,
        output: printed.join('\n'),
      });
      if (language !== 'javascript') return failed('unsupported', language);
      const console = { log: (...words: readonly unknown[]) => void printed.push(words.join(' ')) };
      try {
        const value: unknown = runInNewContext(`(() => {${code}\n})()`, { ...globals, console }, { timeout });
        const text = JSON.stringify(value);
        return {
          kind: 'value',
          value: text === undefined ? undefined : (JSON.parse(text) as Json),
          output: printed.join('\n'),
        };
      } catch (error) {
        const { name, message, code: kind } = error as { name: string; message: string; code?: string };
        if (kind === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return failed('time', message);
        return failed(name === 'SyntaxError' ? 'syntax' : 'thrown', message);
      }
    },
  };
}

/** The model, run on this host. */
export function on(host: Host, model: Model): Model {
  return { ...model, sample: (request, context) => model.sample(request, { ...context, host }) };
}
