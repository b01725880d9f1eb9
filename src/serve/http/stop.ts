/** What ends something early. */
export interface Stop {
  /** Why; nothing while it goes on. */
  readonly reason: unknown;
  /** The first reason counts. */
  stop(reason: unknown): void;
  /** Does this once it is stopped, at once where it is already. Returns what forgets it. */
  onStop(work: () => void): () => void;
  /**
   * The same as a signal. It is made when it is first asked for: it costs more than all other paperwork of a request, and a
   * request that is handed on needs none.
   */
  readonly signal: AbortSignal;
}

export function createStop(): Stop {
  const works = new Set<() => void>();
  let reason: unknown;
  let controller: AbortController | undefined;
  return {
    get reason() {
      return reason;
    },
    stop(why) {
      if (reason !== undefined) return;
      reason = why;
      controller?.abort(why);
      for (const work of works) work();
      works.clear();
    },
    onStop(work) {
      if (reason !== undefined) {
        work();
        return () => {};
      }
      works.add(work);
      return () => void works.delete(work);
    },
    get signal() {
      controller ??= new AbortController();
      if (reason !== undefined) controller.abort(reason);
      return controller.signal;
    },
  };
}

/** A signal as what it is here. */
export function stopOf(signal: AbortSignal): Pick<Stop, 'reason' | 'onStop'> {
  return {
    get reason(): unknown {
      return signal.aborted ? signal.reason : undefined;
    },
    onStop(work) {
      if (signal.aborted) {
        work();
        return () => {};
      }
      signal.addEventListener('abort', work, { once: true });
      return () => signal.removeEventListener('abort', work);
    },
  };
}
