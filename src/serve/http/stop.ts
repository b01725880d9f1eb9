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

export const createStop = (): Stop => new Stopping();

/** One is made for each request: as a class it takes less memory than as functions over variables of their own. */
export class Stopping implements Stop {
  #reason: unknown;
  #works: readonly (() => void)[] = NONE;
  #controller: AbortController | undefined;

  get reason(): unknown {
    return this.#reason;
  }

  stop(why: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = why;
    this.#controller?.abort(why);
    for (const work of this.#works) work();
    this.#works = NONE;
  }

  onStop(work: () => void): () => void {
    if (this.#reason !== undefined) {
      work();
      return () => {};
    }
    this.#works = [...this.#works, work];
    return () => void (this.#works = this.#works.filter((one) => one !== work));
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }
}

const NONE: readonly (() => void)[] = [];

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
