/** `plusx studio`: the pages beside the server, on what the command line keeps. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isLoopback } from '../../serve/connection.ts';
import type { ServeOptions } from '../../serve/index.ts';
import { openMemory, type Store } from '../../store/index.ts';
import { isAddress, openStoreAt } from '../store/open.ts';
import { runsOfWorkers } from './workers.ts';
import { studio, type Studio } from '../../studio/index.ts';
import { STORE } from '../compose/answered.ts';
import { MEMORY } from '../verbs/memory.ts';
import { SERVE_STORE } from '../verbs/keys.ts';
import { BUILT_IN } from '../compose/names.ts';
import { version } from '../version.ts';

export interface StudioSettings {
  readonly host?: string | undefined;
  /** The file of runs. Default `.plusx/store.db`. */
  readonly store?: string | undefined;
  /** The file of notes and pages. Default `.plusx/memory.db`, where it is. */
  readonly memory?: string | undefined;
}

export interface OpenStudio {
  /** The store of runs, and of what is asked in the studio. */
  readonly store: Store;
  /** The pages for what can be asked now. */
  on(serving: ServeOptions): Studio;
  close(): Promise<void>;
}

export async function openStudio({
  host = '127.0.0.1',
  store: file = STORE,
  memory: named,
}: StudioSettings): Promise<OpenStudio> {
  const store = await openStoreAt(file, { makesFolder: file === STORE });
  const served = file !== SERVE_STORE && existsSync(SERVE_STORE) ? await openStoreAt(SERVE_STORE) : undefined;
  const notes = named ?? (existsSync(MEMORY) ? MEMORY : undefined);
  const memory = notes === undefined ? undefined : openMemory({ file: notes });
  const workers = isAddress(file) ? runsOfWorkers(file) : undefined;
  const token = isLoopback(host.includes(':') ? `[${host}]` : host) ? undefined : randomBytes(32).toString('base64url');
  return {
    store,
    on: (serving) => studio({ serving, finite: [BUILT_IN], store, served, workers, memory, token, version: version() }),
    async close() {
      await workers?.close();
      await memory?.close();
      await served?.close();
      await store.close();
    },
  };
}
