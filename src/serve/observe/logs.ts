/**
 * One line of JSON a request. It says who asked for what and how it went, and nothing of what was said: no message, no answer, no
 * header, no key, unless the operator asks for what was said.
 */
import type { LogLevel } from '../../config/serve.ts';
import type { Usage } from '../../core/index.ts';
import { openLogFile } from './log-file.ts';
import type { Served } from './served.ts';
import { clean, shortened } from './shown.ts';

export interface LogsOptions {
  /** Where lines go: a file, which is appended to, or whatever takes text. */
  readonly to: string | { write(line: string): void };
  /** Default `info`: every request of a model. `warn`: those that failed. `debug`: health checks and lists of models too. */
  readonly level?: LogLevel | undefined;
  /** Whether what was asked and answered stands there as well. Default false. */
  readonly content?: boolean | undefined;
}

export interface Logs {
  /** Whether it wants to know what was said. */
  readonly content: boolean;
  served(served: Served): void;
  /** The same, into the same place, for requests of another configuration. */
  with(how: Pick<LogsOptions, 'level' | 'content'>): Logs;
  /** A line about the server itself. */
  say(level: 'info' | 'warn' | 'error', message: string): void;
  /** Opens the file anew: the old one was moved away. */
  reopen(): Promise<void>;
  /** Writes what is left, as far as the disk takes it. */
  close(): Promise<void>;
}

/** Routes that machines ask all day. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics', '/v1/models', '/mcp']);

export async function jsonLogs({ to, level = 'info', content = false }: LogsOptions): Promise<Logs> {
  const { pino } = await import('pino');
  const file = typeof to === 'string' ? await openLogFile(to) : undefined;
  const log = pino(
    {
      level,
      base: null,
      timestamp: stamp(),
      formatters: { level: (label) => ({ level: label }) },
    },
    file ?? (to as { write(line: string): void }),
  );
  const logs = (at: Pick<typeof log, LogAt>, isContent: boolean): Logs => ({
    content: isContent,
    served(served) {
      at[levelOf(served)](lineOf(served, isContent), served.route);
    },
    with: ({ level: other = 'info', content: more = false }) => logs(log.child({}, { level: other }), more),
    say: (of, message) => at[of](message),
    reopen: async () => file?.reopen(),
    close: async () => file?.close(),
  });
  return logs(log, content);
}

type LogAt = 'error' | 'warn' | 'info' | 'debug';

/** The time as text, written once for all lines of a millisecond. */
function stamp(): () => string {
  let last = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now === last) return text;
    last = now;
    text = `,"time":"${new Date(now).toISOString()}"`;
    return text;
  };
}

function levelOf({ route, status }: Served): LogAt {
  if (status >= 500) return 'error';
  if (status >= 400) return 'warn';
  return QUIET.has(route) ? 'debug' : 'info';
}

/** A field that is `undefined` is not written: lines of one shape are made, and written, faster than such of many. */
function lineOf(served: Served, content: boolean): { readonly [field: string]: unknown } {
  const { request, generation, keyName, model, status, ms, waitedMs, usage, standby, failure, error, said } = served;
  const shown = content ? said : undefined;
  return {
    request,
    generation,
    key: keyName,
    formula: model === undefined ? undefined : shortened(model),
    status,
    ms: rounded(ms),
    waited_ms: waitedMs === undefined ? undefined : rounded(waitedMs),
    usage: usage && usageLine(usage),
    standby: standby && standby.length > 0 ? standby : undefined,
    error: failure,
    threw: failure === 'internal_error' ? thrown(error, content) : undefined,
    asked: shown && clean(shown.asked),
    answered: shown && clean(shown.answered),
  };
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

function usageLine(usage: Usage): { readonly [field: string]: number | null | undefined } {
  const { calls, replays, unreported, inputTokens, outputTokens, cachedInputTokens, reasoningTokens, usd } = usage;
  return {
    calls,
    replays: replays || undefined,
    unreported: unreported || undefined,
    input_tokens: inputTokens ?? null,
    output_tokens: outputTokens ?? null,
    cached_tokens: cachedInputTokens || undefined,
    reasoning_tokens: reasoningTokens || undefined,
    usd: usd ?? null,
  };
}

/** Where an error comes from that nobody expected. Its message may repeat what was asked, so it is content. */
function thrown(error: unknown, content: boolean): { readonly [field: string]: unknown } {
  if (!(error instanceof Error)) return { class: typeof error };
  const { stack = '', message } = error;
  // A message may look like a frame.
  const frames = stack.slice(stack.indexOf(message) + message.length).match(/^ {4}at .*$/gm) ?? [];
  return {
    class: error.name,
    at: frames.slice(0, 10).map((frame) => frame.trim()),
    ...(content && { message: clean(message) }),
  };
}
