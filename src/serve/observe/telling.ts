/** Tells whoever watches of each request: once when it comes, once when it is over. */
import type { ServeOptions } from '../config.ts';
import { ClientLeft } from '../connection.ts';
import type { Ended } from '../exchange.ts';
import { refusalOf } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import type { Attributes, IncomingTelemetry } from '../../telemetry/index.ts';
import { shortened } from './shown.ts';
import type { Served } from './served.ts';

export interface Told {
  readonly id?: string;
  readonly route: string;
  /** When it came. */
  readonly start: number;
  readonly given: Pick<Answer, 'status' | 'headers'>;
  readonly ended: Ended;
  /** What was answered, where somebody wants to know. */
  readonly answered?: string | undefined;
  readonly telemetry?: IncomingTelemetry | undefined;
}

export interface Telling {
  /** The time at which a request comes. */
  begun(): number;
  told(one: Told): void;
}

export function telling({ models = {}, listed = [], onServed, metrics, logs }: ServeOptions): Telling {
  const names = new Set([...Object.keys(models), ...listed]);
  return {
    begun() {
      metrics?.begun();
      return performance.now();
    },
    told(one) {
      const served = servedOf(one, names);
      metrics?.served(served);
      one.telemetry?.over(served.status, factsOf(served));
      logs?.served(served);
      onServed?.(served);
    },
  };
}

function servedOf({ id, route, start, given, ended, answered }: Told, names: ReadonlySet<string>): Served {
  const { model, caller, generation, waitedMs, usage, standby, error, asked = '' } = ended;
  return {
    request: id,
    route,
    status: error instanceof ClientLeft ? 499 : given.status,
    ms: performance.now() - start,
    model,
    name: model !== undefined && names.has(model) ? model : undefined,
    key: caller?.key,
    keyName: caller?.name,
    generation,
    waitedMs,
    usage,
    standby,
    failure: failureOf(error, given),
    error,
    ...(answered !== undefined && { said: { asked, answered } }),
  };
}

/** What the span of a request says of it. */
function factsOf({ model, keyName, generation, usage, failure }: Served): Attributes {
  return {
    'plusx.formula': model === undefined ? undefined : shortened(model),
    'plusx.key': keyName,
    'plusx.generation': generation,
    'plusx.calls': usage?.calls,
    'plusx.usd': usage?.usd,
    'error.type': failure,
  };
}

/** Why there is no whole answer. A refusal of the server behind this one that was handed on is named by its status. */
function failureOf(error: unknown, { status, headers }: Told['given']): string | undefined {
  if (error !== undefined) return refusalOf(error).code ?? 'refused';
  if (status < 400) return undefined;
  return `upstream_${headers['x-plusx-upstream-status'] ?? status}`;
}
