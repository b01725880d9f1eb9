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

export interface Runner {
  facts(): Promise<Facts>;
  items(task: string): Promise<readonly TaskItem[]>;
  check(formula: string, question: string): Promise<Checked>;
  run(asked: Asked, signal: AbortSignal): AsyncIterable<PlayEvent>;
  derive(asked: Asked, index: number): Promise<Derived>;
  next(asked: Asked, text: string, position: number): Promise<NextTokens>;
}

export const runner: Runner = {
  facts: () => get('play/facts'),
  items: (task) => get(`play/items/${encodeURIComponent(task)}`),
  check: (formula, question) => post('play/check', { formula, question }),
  run: (asked, signal) => events('play/run', asked, signal),
  derive: (asked, index) => post('play/derive', { ...asked, index }),
  next: (asked, text, position) => post('play/next', { ...asked, text, position }),
};
