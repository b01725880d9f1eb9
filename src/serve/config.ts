/** What a server is made of. Everything in it is given: nothing is read from the environment here. */
import type { AnyTechnique, Host, Model, Scorer } from '../core/index.ts';
import type { ServeLimits } from '../config/serve.ts';
import type { Store } from '../store/index.ts';
import type { OpenTelemetry } from '../telemetry/index.ts';
import type { Caller, Keys } from './keys/keys.ts';
import type { Logs } from './observe/logs.ts';
import type { Metrics } from './observe/prometheus.ts';
import type { Served } from './observe/served.ts';

export interface ServeOptions {
  /** Models by name: formulas, or models. What `GET /v1/models` lists first. */
  readonly models?: { readonly [name: string]: string | Model } | undefined;
  /** The model of any other name in a formula; nothing where there is none. Default: no other names. */
  readonly model?: ((name: string) => Promise<Model | undefined> | Model | undefined) | undefined;
  /** Names that `model` knows and that are worth listing. */
  readonly listed?: readonly string[] | undefined;
  /** What a formula may use. Default: every technique. */
  readonly techniques?: readonly AnyTechnique[] | undefined;
  /** Score functions that a formula may name. */
  readonly scorers?: { readonly [name: string]: Scorer } | undefined;
  /** Functions and tools that a formula may name. */
  readonly functions?: { readonly [name: string]: unknown } | undefined;
  /** What of the machine techniques may use, for each caller: a sandbox, a memory of its own. Default: nothing. */
  readonly hostFor?: ((caller: Caller) => Host | undefined) | undefined;
  /** Where the traces of answers are kept. */
  readonly store?: Store | undefined;
  /** Whether traces hold what was asked and answered, and not only how each text begins. Default false. */
  readonly keepsTexts?: boolean | undefined;
  /** Who may ask, for what, and how much. Without keys only this machine may. */
  readonly keys?: Keys | undefined;
  /** Answers requests for hosts other than this machine without a key. Only where something before it checks who asks. */
  readonly open?: boolean | undefined;
  /** The field of a request that names the end user, whose notes are nobody else's. Default: none does. */
  readonly endUser?: 'user' | 'safety_identifier' | undefined;
  /** Models that `/mcp` offers as tools of the Model Context Protocol. Default: there is no `/mcp`. */
  readonly mcp?: readonly OfferedModel[] | undefined;
  readonly limits?: Partial<ServeLimits> | undefined;
  /** What answers below paths of its own, and says itself who may ask there. */
  readonly mounts?: readonly Mount[] | undefined;
  /** Answers below `mounts` alone. */
  readonly mountsOnly?: boolean | undefined;
  /** Told of every request once it is over. */
  readonly onServed?: ((served: Served) => void) | undefined;
  /** What `GET /metrics` answers with. Default: there is no such route. */
  readonly metrics?: Metrics | undefined;
  /** Told of each request, and of what is done for it: `await openTelemetry()`. Default: nobody is. */
  readonly telemetry?: OpenTelemetry | undefined;
  /** Where a line a request goes. Default: nowhere. */
  readonly logs?: Logs | undefined;
}

/** Answers all that is asked below a path. */
export interface Mount {
  /** Such as `/studio`. */
  readonly path: string;
  answer(request: Request, env: object): Promise<Response>;
}

/** A model that is a tool for programs that speak the Model Context Protocol. */
export interface OfferedModel {
  /** A name, or a formula. */
  readonly name: string;
  /** A word about it, for whoever chooses among tools. */
  readonly about?: string | undefined;
}

export const LIMITS: ServeLimits = {
  bodyBytes: 32 * 2 ** 20,
  messages: 10_000,
  n: 128,
  formula: 4096,
  calls: 1000,
  ms: 600_000,
  keepAliveMs: 15_000,
};
