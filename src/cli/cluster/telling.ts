/** What a worker says on the terminal of what happens to it. */
import type { WorkerEvent } from '../../cluster/index.ts';
import { inWords, readUnit } from './units.ts';

/** Says each event in a line. A run that is left to others for the same reason again and again is said once. */
export function telling(say: (line: string) => void): (event: WorkerEvent) => void {
  const left = new Map<string, string>();
  return (event) => {
    switch (event.kind) {
      case 'declined':
        if (left.get(event.run) === event.why) return;
        left.set(event.run, event.why);
        return say(`Leaves run ${event.run} to others: ${event.why}`);
      case 'lost':
        return say(`Sets ${itemOf(event.unit)} of run ${event.run} aside: it ended its workers.`);
      case 'waits':
        return say(`Waits: ${event.why}`);
      case 'accepted':
        left.delete(event.run);
        return say(`Works on run ${event.run}.`);
      case 'over':
        left.delete(event.run);
        return say(`Run ${event.run} is over here.`);
    }
  };
}

function itemOf(unit: string): string {
  try {
    return inWords(readUnit(unit));
  } catch {
    return 'a unit of a newer plusx';
  }
}
