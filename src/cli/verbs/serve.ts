/** `plusx serve`: composed models as an endpoint that speaks OpenAI's protocol. */
import { existsSync } from 'node:fs';
import { PlusxError } from '../../core/index.ts';
import type { ServeConfig } from '../../config/index.ts';
import {
  jsonLogs,
  keysIn,
  listen,
  ownHost,
  prometheus,
  type Caller,
  type Listening,
  type LogLevel,
  type Logs,
  type ServeOptions,
} from '../../serve/index.ts';
import { openTelemetry } from '../../telemetry/index.ts';
import type { Studio } from '../../studio/index.ts';
import { openHost } from '../compose/host.ts';
import { reloading } from '../serving/reloading.ts';
import { servingOf } from '../serving/models.ts';
import { openStudio } from '../serving/studio.ts';
import { UsageError } from '../failure.ts';
import { SERVE_STORE } from './keys.ts';
import { EXIT, type Terminal } from '../terminal/terminal.ts';
import { openStoreAt } from '../store/open.ts';

export interface ServeVerbOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly store?: string | undefined;
  readonly keepTexts?: true | undefined;
  readonly memory?: string | undefined;
  readonly drain?: number | undefined;
  readonly log?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
  readonly logContent?: true | undefined;
  readonly telemetry?: true | undefined;
  readonly quiet?: true | undefined;
  /** Offers the models of the configuration as tools as well, at /mcp, and says so. */
  readonly mcp?: true | undefined;
  /** Shows the studio beside the models. */
  readonly studio?: true | undefined;
}

/** What the command line says, else the configuration. */
function settings(options: ServeVerbOptions, { loaded }: Pick<Terminal, 'loaded'>) {
  const given: ServeConfig = loaded?.config.serve ?? {};
  const { logs = {}, telemetry = false } = given;
  return {
    ...given,
    host: options.host ?? given.host,
    port: options.port ?? given.port,
    store: options.store ?? given.store,
    memory: options.memory ?? given.memory,
    drainMs: options.drain ?? given.drainMs,
    logs: {
      file: options.log ?? logs.file,
      level: options.logLevel ?? logs.level,
      content: options.logContent ?? logs.content,
    },
    telemetry: options.telemetry && telemetry === false ? true : telemetry,
  };
}

type Settings = ReturnType<typeof settings>;

/** Names of what a new configuration says otherwise, and what stays as it is until the server is started again. */
function changed(before: Terminal, after: Terminal): readonly string[] {
  const of = ({ loaded }: Terminal): { readonly [name: string]: unknown } => {
    const { host, port, store, memory, inFlight, logs }: ServeConfig = loaded?.config.serve ?? {};
    return { host, port, store, memory, inFlight, 'logs.file': logs?.file };
  };
  const [was, is] = [of(before), of(after)];
  return Object.keys(is).filter((name) => was[name] !== is[name]);
}

export async function serveModels(options: ServeVerbOptions, terminal: Terminal): Promise<number> {
  const { signal } = terminal;
  const first = settings(options, terminal);
  const logs = await logsOf(options, first, terminal);
  const say = teller(options, first, terminal, logs);
  const open = options.studio && (await openStudio({ ...first, store: options.store }));
  const store = open ? open.store : await openServeStore(first.store);
  const { host, close: closeHost } = await openHost({ memory: first.memory });
  const metrics = await prometheus({ process: true });
  let keys: ServeOptions['keys'];
  let studio: Studio | undefined;
  const optionsOf = async (now: Settings, at: Terminal): Promise<ServeOptions> => {
    const hasKeys = store !== undefined && (await store.keys.list()).length > 0;
    if (hasKeys) keys ??= await keysIn(store, { inFlight: first.inFlight });
    const { telemetry } = now;
    const { named, ...serving } = await servingOf(at);
    const offered = { ...serving, hostFor: ({ key }: Pick<Caller, 'key'>) => ownHost(host, key) };
    studio = open && open.on(offered);
    return {
      ...offered,
      ...(studio && { mounts: [studio.mount], mountsOnly: studio.isElsewhere && !hasKeys }),
      mcp: options.mcp && named,
      store,
      // Whoever looks at what was asked here wants to read it.
      keepsTexts: options.keepTexts ?? now.keepTexts ?? options.studio,
      logs: logs.with(levelOf(options, now)),
      ...(now.metrics !== false && { metrics }),
      ...(telemetry && { telemetry: await openTelemetry(telemetry === true ? {} : telemetry) }),
      ...(hasKeys && { keys }),
    };
  };
  let listening: Listening | undefined;
  let stopReloading: (() => void) | undefined;
  let latest = first;
  try {
    const server = await listen({
      ...(await optionsOf(first, terminal)),
      host: first.host,
      port: first.port,
    });
    listening = server;
    // What the verb is for, and no line of a log: the address may hold the token.
    if (studio) terminal.out.write(`The studio is at ${studio.address(new URL(server.url).origin)}\n`);
    say(`Listening on ${options.mcp ? server.url.replace(/v1$/, 'mcp') : server.url}. Ctrl-C ends it.`);
    stopReloading = reloading({
      file: terminal.loaded?.file,
      async reload() {
        await logs.reopen();
        try {
          const now = (await terminal.again?.()) ?? terminal;
          const next = settings(options, now);
          server.reload(await optionsOf(next, now));
          latest = next;
          const fixed = changed(terminal, now);
          say(`The configuration was read anew.${fixed.length > 0 ? ` Start again for: ${fixed.join(', ')}.` : ''}`);
        } catch (error) {
          say(
            `The configuration stays as it was: ${error instanceof PlusxError ? error.message : 'it failed'}`,
            'error',
          );
        }
      },
    });
    await ended(signal);
    say('No new requests. Those that run may finish.');
    await server.close(latest.drainMs ?? DRAIN_MS);
    return EXIT.good;
  } finally {
    stopReloading?.();
    await listening?.close(0);
    await closeHost();
    await (open ?? store)?.close();
    await logs.close();
  }
}

const DRAIN_MS = 30_000;

/** To a file, or to standard error unless nothing is to be said there. */
async function logsOf(options: ServeVerbOptions, now: Settings, { err }: Terminal): Promise<Logs> {
  const { file } = now.logs;
  try {
    return await jsonLogs({ to: file ?? err, ...levelOf(options, now) });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new UsageError(`The log ${JSON.stringify(file)} cannot be written (${code}). Name another file with --log.`);
  }
}

const levelOf = ({ quiet }: ServeVerbOptions, { logs: { file, level, content } }: Settings) => ({
  level: quiet && file === undefined ? ('silent' as const) : level,
  content,
});

type Say = (text: string, level?: 'info' | 'error') => void;

/** Says how the server is: to a person in plain words, to programs that read standard error as a line of the log. */
function teller({ quiet }: ServeVerbOptions, { logs: { file } }: Settings, { err }: Terminal, logs: Logs): Say {
  return (text, level = 'info') => {
    const isRead = file === undefined && !err.isTerminal;
    if (!isRead && !quiet) err.write(`${text}\n`);
    if (isRead || file !== undefined) logs.say(level, text);
  };
}

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

export async function openServeStore(named: string | undefined) {
  const file = named ?? (existsSync(SERVE_STORE) ? SERVE_STORE : undefined);
  return file === undefined ? undefined : openStoreAt(file);
}
