/** Many that wait on one signal: the signal gets one listener, since each further one makes adding the next slower. */

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `callback` once when the signal aborts; the returned function takes it off again. The signal must not be aborted yet. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? listen(signal);
  const one = (): void => callback(); // the same callback twice is two
  callbacks.add(one);
  return () => {
    callbacks.delete(one);
  };
}

/** The listener stays as long as the signal: whoever waits for one call mostly waits for the next one too. */
function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  waiting.set(signal, callbacks);
  const tell = (): void => {
    for (const callback of callbacks) callback();
    callbacks.clear();
  };
  signal.addEventListener('abort', tell, { once: true });
  return callbacks;
}
