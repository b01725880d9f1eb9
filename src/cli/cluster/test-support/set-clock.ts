/** The clock of the day of a program, set by libfaketime, which Debian has. */
import { globSync } from 'node:fs';
import { chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folder } from '../../test-support/folder.ts';

export interface SetClock {
  /** For the program. */
  readonly env: { readonly [name: string]: string };
  /** Seconds from the time that it is. */
  set(seconds: number): Promise<void>;
}

const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

/** Why none can be set here; undefined where one can. */
export const noSetClock: string | undefined =
  library === undefined ? 'skipped: there is no libfaketime here (apt install libfaketime)' : undefined;

export async function setClock(here: Folder): Promise<SetClock> {
  await chmod(here.path, 0o755); // the program may be another user's
  const file = join(here.path, 'clock');
  const set = async (seconds: number): Promise<void> => {
    await here.write('clock.new', `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(join(here.path, 'clock.new'), file);
  };
  await set(0);
  return {
    env: {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}
