/** Long work in one thread: from time to time everything else in the process gets a turn, so that a signal is heard. */
import { IN_FLIGHT } from '../bounds.ts';
import type { Context } from './context.ts';

/** Tells, before each piece of work, whether there is a turn to wait for first: after `IN_FLIGHT` pieces there is. */
export function breather(): (begun: number) => Promise<void> | undefined {
  let next = IN_FLIGHT;
  let pause: Promise<void> | undefined;
  return (begun) => {
    if (begun < next) return pause;
    next = begun + IN_FLIGHT;
    pause = new Promise<void>((resolve) => {
      setTimeout(resolve, 0);
    }).then(() => (pause = undefined));
    return pause;
  };
}

/** What `work` says of each item, in order. Work on very many items is taken in turns, and ends when the signal aborts. */
export async function inTurns<T, R>(
  { signal }: Pick<Context, 'signal'>,
  items: readonly T[],
  work: (item: T, index: number) => R,
): Promise<R[]> {
  const breath = breather();
  const results: R[] = [];
  for (const [i, item] of items.entries()) {
    const turn = breath(i);
    if (turn) {
      await turn;
      signal.throwIfAborted();
    }
    results.push(work(item, i));
  }
  return results;
}
