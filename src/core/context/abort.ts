/** Many that wait on one signal: the signal gets one listener, since each further one makes adding the next slower. */

interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly tell: () => void;
}

const waiting = new WeakMap<AbortSignal, Waiting>();

/** Calls `callback` once when the signal aborts; the returned function takes it off again. The signal must not be aborted yet. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const all = waiting.get(signal) ?? listen(signal);
  const one = (): void => callback(); // the same callback twice is two
  all.callbacks.add(one);
  return () => {
    all.callbacks.delete(one);
    if (all.callbacks.size > 0 || waiting.get(signal) !== all) return;
    // A signal that is made of others is kept as long as it has a listener.
    waiting.delete(signal);
    signal.removeEventListener('abort', all.tell);
  };
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const tell = (): void => {
    for (const callback of callbacks) callback();
    callbacks.clear();
  };
  const all = { callbacks, tell };
  waiting.set(signal, all);
  signal.addEventListener('abort', tell, { once: true });
  return all;
}

/** Rejects as soon as the signal aborts, even when the work does not listen. */
export function stoppable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    const stay = signal.aborted ? stop() : onAbort(signal, stop);
    work.then(resolve, reject).finally(() => stay?.());
  });
}

/** The parts of a stream, which ends with the reason of the signal as soon as it aborts, even where whoever makes them does not listen. */
export async function* stoppableParts<T>(parts: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = parts[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await stoppable(iterator.next(), signal);
      ended = done === true;
      if (ended) return;
      yield value;
    }
  } catch (error) {
    ended = !signal.aborted;
    throw error;
  } finally {
    const closed = ended ? undefined : Promise.resolve(iterator.return?.()).catch(() => {});
    if (!signal.aborted) await closed; // else it may hear of it only with its next part, and nobody waits for that
  }
}
