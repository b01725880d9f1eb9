/** Runs that workers do, for the studio: their tables are opened when they are first asked for. */
import type { Database } from '../../cluster/index.ts';
import type { RunsOfWorkers } from '../../studio/index.ts';

/** A page waits no longer for a database that is away. */
const PATIENCE_MS = 3000;

export function runsOfWorkers(address: string): RunsOfWorkers & { close(): Promise<void> } {
  let opened: Promise<Database> | undefined;
  const cluster = () => import('../../cluster/index.ts');
  // Where its tables cannot be made, no worker has ever been there. The next who asks tries again.
  const database = (): Promise<Database | undefined> => {
    opened ??= cluster().then(({ openDatabase }) =>
      openDatabase(address, { application: 'plusx studio', connections: 2, patienceMs: PATIENCE_MS }),
    );
    return opened.catch(() => (opened = undefined));
  };
  return {
    async progress(run) {
      const open = await database();
      return open && (await cluster()).progressOf(open, run);
    },
    async change(run, change) {
      const open = await database();
      return open !== undefined && (await (await cluster()).changeSharedRun(open, run, change)) !== undefined;
    },
    async close() {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
