/** `plusx serve`: composed models as an endpoint that speaks OpenAI's protocol. */
import { existsSync } from 'node:fs';
import { openModels } from '../../config/index.ts';
import type { Model } from '../../core/index.ts';
import {
  jsonLogs,
  keptSockets,
  keysIn,
  listen,
  ownHost,
  prometheus,
  type Listening,
  type LogLevel,
  type Logs,
} from '../../serve/index.ts';
import { openTelemetry } from '../../telemetry/index.ts';
import { openHost } from '../compose/host.ts';
import { asFound } from '../compose/known.ts';
import { BUILT_IN, ownModel, SERVER, TINY } from '../compose/names.ts';
import { SCORERS } from '../compose/scorers.ts';
import { served } from '../compose/server.ts';
import { UsageError } from '../failure.ts';
import { SERVE_STORE } from './keys.ts';
import { EXIT, type Terminal } from '../terminal/terminal.ts';

export interface ServeVerbOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly store?: string | undefined;
  readonly memory?: string | undefined;
  readonly drain?: number | undefined;
  readonly log?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
  readonly logContent?: true | undefined;
  readonly telemetry?: true | undefined;
  readonly quiet?: true | undefined;
}

export async function serveModels(options: ServeVerbOptions, terminal: Terminal): Promise<number> {
  const { signal, loaded } = terminal;
  const logs = await logsOf(options, terminal);
  const store = await openServeStore(options.store ?? (existsSync(SERVE_STORE) ? SERVE_STORE : undefined));
  const hasKeys = store !== undefined && (await store.keys.list()).length > 0;
  const { host, close: closeHost } = await openHost({ memory: options.memory });
  let listening: Listening | undefined;
  process.on('SIGHUP', logs.reopen);
  try {
    listening = await listen({
      ...(await modelsOf(terminal)),
      scorers: SCORERS,
      host: options.host ?? loaded?.config.serve?.host,
      port: options.port ?? loaded?.config.serve?.port,
      hostFor: ({ key }) => ownHost(host, key),
      store,
      logs,
      ...(options.telemetry && { telemetry: await openTelemetry() }),
      metrics: await prometheus({ process: true }),
      ...(hasKeys && { keys: await keysIn(store) }),
    });
    const say = teller(options, terminal, logs);
    say(`Listening on ${listening.url}. Ctrl-C ends it.`);
    await ended(signal);
    say('No new requests. Those that run may finish.');
    await listening.close(options.drain ?? DRAIN_MS);
    return EXIT.good;
  } finally {
    process.off('SIGHUP', logs.reopen);
    await listening?.close(0);
    await closeHost();
    await store?.close();
    logs.close();
  }
}

/** To a file, or to standard error unless nothing is to be said there. */
async function logsOf({ log, logLevel, logContent, quiet }: ServeVerbOptions, { err }: Terminal): Promise<Logs> {
  const level = quiet && log === undefined ? 'silent' : logLevel;
  try {
    return await jsonLogs({ to: log ?? err, level, content: logContent });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new UsageError(`The log ${JSON.stringify(log)} cannot be written (${code}). Name another file with --log.`);
  }
}

/** Says how the server is: to a person in plain words, to programs that read standard error as a line of the log. */
function teller({ log, quiet }: ServeVerbOptions, { err }: Terminal, logs: Logs): (text: string) => void {
  return (text) => {
    const isRead = log === undefined && !err.isTerminal;
    if (!isRead && !quiet) err.write(`${text}\n`);
    if (isRead || log !== undefined) logs.say('info', text);
  };
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
