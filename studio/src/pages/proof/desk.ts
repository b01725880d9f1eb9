/** Asks the worker that has the laws. What is no longer wanted is stopped with it, whatever it was doing. */
import { startWorker } from '../../shell/workers.ts';
import type { Asked, Checked, FromWorker, Refused, Sheet, ToWorker } from './protocol.ts';

interface Waiting {
  readonly message: ToWorker;
  hear(reply: FromWorker): void;
  fail(error: Error): void;
}

let worker: Worker | undefined;
let count = 0;
const waiting = new Map<number, Waiting>();
/** What nobody waits for any more, and what the worker may still be at. */
const left = new Set<number>();
/** Mostly it is over before this; then the worker, which takes a while to start, is kept. */
const PATIENCE_MS = 300;

export async function listed(): Promise<readonly Sheet[]> {
  const reply = await ask({});
  return 'sheets' in reply ? reply.sheets : [];
}

export async function checked(asked: Asked, signal?: AbortSignal): Promise<Checked | Refused> {
  const reply = await ask({ asked }, signal);
  if ('checked' in reply) return reply.checked;
  return 'refused' in reply ? reply.refused : { message: 'The laws gave another answer.', parameter: undefined };
}

function ask(message: Omit<ToWorker, 'id'>, signal?: AbortSignal): Promise<FromWorker> {
  signal?.throwIfAborted();
  const id = count++;
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.delete(id);
      left.add(id);
      setTimeout(() => left.has(id) && restart(), PATIENCE_MS);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', leave, { once: true });
    const over = (): void => signal?.removeEventListener('abort', leave);
    waiting.set(id, {
      message: { ...message, id },
      hear: (reply) => (over(), resolve(reply)),
      fail: (error) => (over(), reject(error)),
    });
    send({ ...message, id });
  });
}

function send(message: ToWorker): void {
  running().postMessage(message, { transfer: [] });
}

function running(): Worker {
  if (worker) return worker;
  worker = startWorker('proof', () => new Worker(new URL('./proof-worker.ts', import.meta.url), { type: 'module' }));
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    left.delete(data.id);
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    one?.hear(data);
  });
  worker.addEventListener('error', ({ message }) => {
    const all = [...waiting.values()];
    waiting.clear();
    worker?.terminate();
    worker = undefined;
    for (const { fail } of all) fail(new Error(message || 'The laws could not be loaded.'));
  });
  return worker;
}

/** Whatever it is at, it may be long at it: what is still wanted is asked anew. */
function restart(): void {
  left.clear();
  worker?.terminate();
  worker = undefined;
  for (const { message } of waiting.values()) send(message);
}
