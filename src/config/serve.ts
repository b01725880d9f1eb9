/** The part of a configuration that the server reads. */
import { fields, flag, integer, oneOf, text, type Read } from './read.ts';

/** `plusx serve`. The models that it offers are those of `models`; their keys are those of `providers`. */
export interface ServeConfig {
  /** Where it listens. Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** The file of keys, accounts and traces. Default `.plusx/serve.db`, where `plusx keys` made it. */
  readonly store?: string | undefined;
  /** Whether traces hold what was asked and answered, and not only how each text begins. Default false. */
  readonly keepTexts?: boolean | undefined;
  /** The file of what techniques remember. Default: they remember nothing. */
  readonly memory?: string | undefined;
  /** Milliseconds that running requests may take once the server is asked to end. Default 30,000. */
  readonly drainMs?: number | undefined;
  /** Requests at one time, of all keys together; more wait. Default 1,000. */
  readonly inFlight?: number | undefined;
  /** The field of a request that names the end user, whose notes are nobody else's. Default: none does. */
  readonly endUser?: 'user' | 'safety_identifier' | undefined;
  readonly limits?: Partial<ServeLimits> | undefined;
  readonly logs?: LogsConfig | undefined;
  /** Whether there is `GET /metrics`. Default true. */
  readonly metrics?: boolean | undefined;
  /** Tells OpenTelemetry of requests; `{ "content": true }` with what was said. Default false. */
  readonly telemetry?: boolean | { readonly content?: boolean | undefined } | undefined;
}

/** The most that one request may be or take. */
export interface ServeLimits {
  /** Bytes of a body. Default 32 MiB. */
  readonly bodyBytes: number;
  /** Messages of a conversation. Default 10,000. */
  readonly messages: number;
  /** Answers of one request (`n`). Default 128. */
  readonly n: number;
  /** Letters of a formula. Default 4,096. */
  readonly formula: number;
  /** Calls of models that one request may make. Default 1,000. */
  readonly calls: number;
  /** Milliseconds until a request is cut. Default 600,000. */
  readonly ms: number;
  /** Milliseconds without a word after which a stream says that it is alive. Default 15,000. */
  readonly keepAliveMs: number;
}

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogsConfig {
  /** Default: standard error. */
  readonly file?: string | undefined;
  /** Default `info`. */
  readonly level?: LogLevel | undefined;
  /** Whether lines hold what was asked and answered. Default false. */
  readonly content?: boolean | undefined;
}

const FILE = text({ rule: 'must be the path of a file', most: 4096, matches: /^[^\0]+$/ });

const TELEMETRY = fields<{ readonly content?: boolean | undefined }>({ content: flag });

/** Each field of `ServeConfig` with its reader: a field without one does not compile. */
export const readServe: Read<ServeConfig> = fields<ServeConfig>(
  {
    host: text({ most: 255 }),
    port: integer({ min: 0, max: 65_535 }),
    store: FILE,
    keepTexts: flag,
    memory: FILE,
    drainMs: integer(),
    inFlight: integer({ min: 1 }),
    endUser: oneOf(['user', 'safety_identifier']),
    limits: fields<Partial<ServeLimits>>({
      bodyBytes: integer({ min: 1 }),
      messages: integer({ min: 1 }),
      n: integer({ min: 1 }),
      formula: integer({ min: 1 }),
      calls: integer({ min: 1 }),
      ms: integer({ min: 1 }),
      keepAliveMs: integer({ min: 1 }),
    }),
    logs: fields<LogsConfig>({ file: FILE, level: oneOf(LOG_LEVELS), content: flag }),
    metrics: flag,
    telemetry: (value, place) => (typeof value === 'boolean' ? value : TELEMETRY(value, place)),
  },
  {
    instead: {
      keys: 'Keys are kept in `store`, and made with `plusx keys add`',
      models: 'Names of models stand in `models`, beside `serve`',
    },
  },
);
