/** The items of a run, kept as they come. */
export interface Saving {
  /** Aborts where one could not be kept, with why: nothing more is asked then. */
  readonly failed: AbortSignal;
  add(saving: Promise<void>): void;
  /** Resolves when all are kept; rejects where one is not. */
  kept(): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export function savingItems(): Saving {
  const all: Promise<void>[] = [];
  const failed = new AbortController();
  return {
    failed: failed.signal,
    add(saving) {
      all.push(saving);
      saving.catch((why: unknown) => failed.abort(why));
    },
    kept: async () => void (await Promise.all(all)),
    settled: async () => void (await Promise.allSettled(all)),
  };
}
