/** Who runs what the playground asks: the server that the page came from, or the page itself. */
import type {
  Asked,
  Checked,
  Derived,
  Facts,
  NextTokens,
  PlayEvent,
  TaskItem,
} from '../../../../src/studio/play/protocol.ts';
import { events, get, post } from '../../shell/api.ts';
import { isLocal } from '../../shell/local.ts';

export interface Runner {
  facts(): Promise<Facts>;
  items(task: string): Promise<readonly TaskItem[]>;
  check(formula: string, asked: Pick<Asked, 'question' | 'turns'>): Promise<Checked>;
  run(asked: Asked, signal: AbortSignal): AsyncIterable<PlayEvent>;
  /** One draw with its steps. Its trace is kept where it gave `answer`. */
  derive(asked: Asked, index: number, answer: string): Promise<Derived>;
  next(asked: Asked, text: string, position: number): Promise<NextTokens>;
}

const served: Runner = {
  facts: () => get('play/facts'),
  items: (task) => get(`play/items/${encodeURIComponent(task)}`),
  check: (formula, { question, turns }) => post('play/check', { formula, question, turns }),
  run: (asked, signal) => events('play/run', asked, signal),
  derive: (asked, index, answer) => post('play/derive', { ...asked, index, answer }),
  next: (asked, text, position) => post('play/next', { ...asked, text, position }),
};

/** Loaded when it is needed: the model runs where the page is. */
async function local(): Promise<Runner> {
  return (await import('../../local/runner.ts')).localRunner;
}

const here: Runner = {
  facts: async () => (await local()).facts(),
  items: async (task) => (await local()).items(task),
  check: async (formula, asked) => (await local()).check(formula, asked),
  async *run(asked, signal) {
    yield* (await local()).run(asked, signal);
  },
  derive: async (asked, index, answer) => (await local()).derive(asked, index, answer),
  next: async (asked, text, position) => (await local()).next(asked, text, position),
};

export const runner: Runner = isLocal ? here : served;
