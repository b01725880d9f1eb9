/** `plusx serve`: composed models as an endpoint that speaks OpenAI's protocol. */
import { existsSync } from 'node:fs';
import { openModels } from '../../config/index.ts';
import type { Model } from '../../core/index.ts';
import { keptSockets, keysIn, listen, ownHost, prometheus, type Listening } from '../../serve/index.ts';
import { openHost } from '../compose/host.ts';
import { asFound } from '../compose/known.ts';
import { BUILT_IN, ownModel, SERVER, TINY } from '../compose/names.ts';
import { SCORERS } from '../compose/scorers.ts';
import { served } from '../compose/server.ts';
import { SERVE_STORE } from './keys.ts';
import { EXIT, type Terminal } from '../terminal/terminal.ts';

export interface ServeVerbOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly store?: string | undefined;
  readonly memory?: string | undefined;
  readonly drain?: number | undefined;
  readonly quiet?: true | undefined;
}

export async function serveModels(options: ServeVerbOptions, terminal: Terminal): Promise<number> {
  const { err, signal, loaded } = terminal;
  const store = await openServeStore(options.store ?? (existsSync(SERVE_STORE) ? SERVE_STORE : undefined));
  const hasKeys = store !== undefined && (await store.keys.list()).length > 0;
  const { host, close: closeHost } = await openHost({ memory: options.memory });
  let listening: Listening | undefined;
  try {
    listening = await listen({
      ...(await modelsOf(terminal)),
      scorers: SCORERS,
      host: options.host ?? loaded?.config.serve?.host,
      port: options.port ?? loaded?.config.serve?.port,
      hostFor: ({ key }) => ownHost(host, key),
      store,
      metrics: await prometheus({ process: true }),
      ...(hasKeys && { keys: await keysIn(store) }),
    });
    if (!options.quiet) err.write(`Listening on ${err.paint('cyan', listening.url)}. Ctrl-C ends it.\n`);
    await ended(signal);
    if (!options.quiet) err.write('No new requests. Those that run may finish.\n');
    await listening.close(options.drain ?? DRAIN_MS);
    return EXIT.good;
  } finally {
    await listening?.close(0);
    await closeHost();
    await store?.close();
  }
}

const DRAIN_MS = 30_000;

/** Resolves when the process is asked to end. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.off('SIGTERM', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    process.once('SIGTERM', end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

async function openServeStore(file: string | undefined) {
  return file === undefined ? undefined : (await import('../../store/index.ts')).openStore({ file });
}

/** What a formula may name: the configuration, the providers whose keys are there, the server of PLUSX_BASE_URL. No file. */
async function modelsOf(terminal: Terminal) {
  const { env, signal, loaded } = terminal;
  const isOwn = (name: string): boolean => name === BUILT_IN || name.startsWith(`${SERVER}/`);
  const opened = await openModels(loaded, {
    env,
    // What a formula of the configuration may name besides.
    own: async (name) => (isOwn(name) ? ownModel(name, terminal) : undefined),
    scope: { scorers: SCORERS },
    asFound: async (model) => keptSockets(await asFound(model, env)),
  });
  const kept = new Map<string, Model>();
  const model = async (name: string): Promise<Model | undefined> => {
    const known = kept.get(name);
    if (known) return known;
    const found = await opened.named(name, { foreign: !isOwn(name) });
    const made = found && keptSockets(found.model);
    if (made && kept.size < MOST_KEPT) kept.set(name, made);
    return made;
  };
  const ids = env['PLUSX_BASE_URL'] ? await served(env, signal).catch(() => []) : [];
  return {
    model,
    listed: [...opened.listed.map(({ name }) => name), TINY, BUILT_IN, ...ids.map((id) => `${SERVER}/${id}`)],
  };
}

const MOST_KEPT = 1000;
