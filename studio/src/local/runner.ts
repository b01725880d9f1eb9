/** Runs what the playground asks in the page itself, on the embedded model. */
import type { Checked, Derived, Facts, NextTokens, PlayEvent, TaskItem } from '../../../src/studio/play/protocol.ts';
import type { Runner } from '../pages/play/runner.ts';
import { Failed } from '../shell/api.ts';
import { startWorker } from '../shell/workers.ts';
import type { Ask, FromWorker, ToWorker } from './protocol.ts';
import { weights } from './weights.ts';

interface Open {
  hear(message: FromWorker): void;
}

let worker: Promise<Worker> | undefined;
let count = 0;
const open = new Map<number, Open>();

export const localRunner: Runner = {
  facts: () => one<Facts>({ kind: 'facts' }),
  items: (task) => one<readonly TaskItem[]>({ kind: 'items', task }),
  check: (formula, { question, turns }) => one<Checked>({ kind: 'check', formula, question, turns }),
  run: (asked, signal) => all<PlayEvent>({ kind: 'run', asked }, signal),
  derive: (asked, index) => one<Derived>({ kind: 'derive', asked, index }),
  next: (asked, text, position) => one<NextTokens>({ kind: 'next', asked, text, position }),
};

async function one<T>(ask: Ask): Promise<T> {
  for await (const value of all<T>(ask)) return value;
  throw new Failed('The model gave no answer.', 0);
}

/** The worker sends what the type of the request promises. */
async function* all<T>(ask: Ask, signal?: AbortSignal): AsyncGenerator<T, void, void> {
  const running = await started();
  signal?.throwIfAborted();
  const id = count++;
  const heard: FromWorker[] = [];
  let wake = (): void => {};
  const send = (message: ToWorker): void => running.postMessage(message, { transfer: [] });
  const leave = (): void => send({ kind: 'leave', id });
  open.set(id, { hear: (message) => (heard.push(message), wake()) });
  signal?.addEventListener('abort', leave, { once: true });
  send({ kind: 'ask', id, ask });
  let isOver = false;
  try {
    for (;;) {
      const message = heard.shift();
      if (message === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      else if (message.kind === 'value') yield message.value as T;
      else {
        isOver = true;
        if (message.kind === 'failed') throw new Failed(message.message, 0);
        return;
      }
    }
  } finally {
    signal?.removeEventListener('abort', leave);
    open.delete(id);
    if (!isOver) leave();
  }
}

/** The model is loaded when it is first asked for something. */
function started(): Promise<Worker> {
  worker ??= begin().catch((error: unknown) => {
    worker = undefined;
    throw error;
  });
  return worker;
}

async function begin(): Promise<Worker> {
  const bytes = await weights();
  const running = startWorker(
    'local',
    () => new Worker(new URL('./local-worker.ts', import.meta.url), { type: 'module' }),
  );
  running.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => open.get(data.id)?.hear(data));
  running.addEventListener('error', ({ message }) => {
    worker = undefined;
    const said = message || 'The embedded model could not be loaded.';
    for (const [id, { hear }] of open) hear({ id, kind: 'failed', message: said });
  });
  running.postMessage({ kind: 'weights', weights: bytes } satisfies ToWorker, { transfer: [] });
  return running;
}
