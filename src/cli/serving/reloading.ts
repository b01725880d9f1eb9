/** Does something anew at SIGHUP and whenever a file changes: never twice at one time, and never not at all. */
import { unwatchFile, watchFile, type StatsListener } from 'node:fs';

export interface Reloading {
  /** Watched, where there is one. */
  readonly file: string | undefined;
  readonly reload: (why: 'SIGHUP' | 'change') => Promise<void>;
}

/** Milliseconds between two looks at the file: a folder that is mounted or linked tells of no change by itself. */
const LOOK_MS = 500;

/** Begins to watch. Returns what ends it. */
export function reloading({ file, reload }: Reloading): () => void {
  let running: Promise<void> | undefined;
  let isAsked = false;
  const run = (why: 'SIGHUP' | 'change'): void => {
    isAsked = true;
    running ??= (async () => {
      while (isAsked) {
        isAsked = false;
        await reload(why);
      }
      running = undefined;
    })();
  };
  const onSignal = (): void => run('SIGHUP');
  const onChange: StatsListener = (now, before) => {
    const isThere = now.mtimeMs !== 0; // an editor may take it away for a moment
    if (isThere && (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino))
      run('change');
  };
  process.on('SIGHUP', onSignal);
  if (file !== undefined) watchFile(file, { interval: LOOK_MS, persistent: false }, onChange);
  return () => {
    process.off('SIGHUP', onSignal);
    if (file !== undefined) unwatchFile(file, onChange);
  };
}
