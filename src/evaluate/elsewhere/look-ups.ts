/**
 * A journal that answers together what was asked together. Formulas that run side by side look for the draws that they share, and who
 * goes on first makes them, alone or in one call with others of its own. When all go on at one time, that is a matter of the formulas
 * and not of how fast a journal is: the draws, and what they take, are the same in memory, in a file and in a database far away.
 */
import type { Journal, JournalEntry } from '../../core/index.ts';

export function answeringTogether(journal: Journal): Journal {
  let asked: (() => void)[] = [];
  let found: Promise<unknown>[] = [];
  /** Waits until nobody asks any more, and for the slowest answer, and then gives all answers in the order of the questions. */
  const answer = async (): Promise<void> => {
    await pause();
    const [all, answers] = [asked, found];
    [asked, found] = [[], []];
    await Promise.allSettled(answers);
    for (const tell of all) tell();
  };
  return {
    ...journal,
    get(key) {
      const entry = (async () => journal.get(key))();
      if (asked.length === 0) void answer();
      return new Promise<JournalEntry | undefined>((resolve, reject) => {
        let settled = (): void => undefined;
        asked.push(() => settled());
        found.push(
          entry.then(
            (value) => (settled = () => resolve(value)),
            (error: unknown) => (settled = () => reject(error)),
          ),
        );
      });
    },
    put: (key, entry) => journal.put(key, entry),
  };
}

/** Until all that can go on without waiting for anything outside has done so. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
