/** A request that was handed on, as the call that it is: in every account, and to whoever is told of calls. */
import {
  closeSpan,
  NO_USAGE,
  openSpan,
  reportedUsage,
  totalTokens,
  type Reply,
  type Telemetry,
  type Usage,
} from '../../core/index.ts';
import { ClientLeft, type IncomingHttp } from '../connection.ts';

type Header = IncomingHttp['header'];

export interface HandedCall {
  /** The headers of the client, and the trace that the call belongs to. */
  header(given: Header): Header;
  /** What the server says that it took; nothing where it does not say. */
  reported(usage: Reply['usage'] | undefined): void;
  /** It is over. */
  end(error: unknown): Usage;
}

export interface Handing {
  /** The model. */
  readonly name: string;
  /** Answers that are asked for. */
  readonly calls: number;
  readonly telemetry: Telemetry | undefined;
}

export function handedCall({ name, calls, telemetry }: Handing): HandedCall {
  const work = { path: '', name, kind: 'call' } as const;
  const start = performance.now();
  const told = telemetry?.begins(work, { prompt: [], n: calls });
  let said: Reply['usage'] | undefined;
  return {
    header(given) {
      const own = told?.headers ?? {};
      return told ? (name) => own[name] ?? given(name) : given;
    },
    reported: (usage) => (said = usage),
    end(error) {
      const usage = usageOf(calls, said, error !== undefined);
      if (told) {
        const span = openSpan(undefined, { ...work, start });
        const status = error instanceof ClientLeft ? 'cancelled' : error || isRefusal(said) ? 'error' : 'ok';
        closeSpan(span, { end: performance.now(), status, usage });
        told.ends(span, { error });
      }
      return usage;
    },
  };
}

/** A call that broke off and of which nothing is known counts as unreported, as everywhere. */
function usageOf(calls: number, usage: Reply['usage'] | undefined, isBroken: boolean): Usage {
  return !usage || (isBroken && totalTokens(usage) === undefined)
    ? { ...NO_USAGE, calls, unreported: calls }
    : reportedUsage(usage, calls);
}

/** A server that refuses a request bills nothing for it. */
const isRefusal = (usage: Reply['usage'] | undefined): boolean => usage !== undefined && totalTokens(usage) === 0;
