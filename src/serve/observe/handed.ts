/** A request that was handed on, as the calls that it is: in every account, and to whoever is told of calls. */
import {
  addUsage,
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

interface HandedCall {
  /** The headers of the client, and the trace that the call belongs to. */
  header(given: Header): Header;
  /** Does something as this call. */
  within<T>(does: () => T): T;
  /** What the server says that it took; nothing where it does not say. */
  reported(usage: Reply['usage'] | undefined): void;
  /** It is over. */
  end(error: unknown): Usage;
}

/** The calls of one request: of the server that is asked first, and of those that stand by. */
export interface HandedCalls {
  /** The next server is asked. */
  to(model: string): HandedCall;
  /** It failed in a way that another one stands by for. */
  failed(why: string, isRefusal: boolean): void;
  /** Whether one that stands by was asked. */
  readonly fell: boolean;
  /** All is over. Nothing where no server was asked. */
  end(error: unknown): Usage | undefined;
}

interface Handing {
  /** Answers that are asked for. */
  readonly calls: number;
  readonly telemetry: Telemetry | undefined;
}

export function handedCalls({ calls, telemetry }: Handing): HandedCalls {
  let current: HandedCall | undefined;
  let before: Usage | undefined;
  let fell = false;
  const add = (usage: Usage): Usage => (before = before ? addUsage(before, usage) : usage);
  return {
    to: (model) => (current = handedCall(model, { calls, telemetry })),
    get fell() {
      return fell;
    },
    failed(why, isRefusal) {
      fell = true;
      if (isRefusal) current?.reported(NO_USAGE);
      if (current) add(current.end(new Error(why)));
      current = undefined;
    },
    end: (error) => (current ? add(current.end(error)) : before),
  };
}

function handedCall(name: string, { calls, telemetry }: Handing): HandedCall {
  const work = { path: '', name, kind: 'call' } as const;
  const start = performance.now();
  const told = telemetry?.begins(work, { prompt: [], n: calls });
  let said: Reply['usage'] | undefined;
  return {
    header(given) {
      const own = told?.headers ?? {};
      return told ? (name) => own[name] ?? given(name) : given;
    },
    within: (does) => (told?.within ? told.within(does) : does()),
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
