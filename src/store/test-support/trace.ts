import type { Trace } from '../../core/index.ts';

/** A trace of one step that begins with `preview`. */
export function trace(id: string, preview = 'text'): Trace {
  return {
    id,
    root: {
      path: '',
      name: 'run',
      kind: 'technique',
      start: 0,
      end: 1,
      status: 'ok',
      usage: undefined,
      preview,
      facts: { votes: 3 },
      children: [],
    },
  };
}
