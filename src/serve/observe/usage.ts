/** What a request that was handed on took, in the terms of every account. */
import { NO_USAGE, reportedUsage, totalTokens, type Reply, type Usage } from '../../core/index.ts';

export interface Handed {
  /** Answers that were asked for. */
  readonly calls: number;
  /** What the server said; nothing where it was not heard to the end. */
  readonly usage: Reply['usage'] | undefined;
}

/** A call that broke off and of which nothing is known counts as unreported, as everywhere. */
export function usageOf({ calls, usage }: Handed, isBroken: boolean): Usage {
  return !usage || (isBroken && totalTokens(usage) === undefined)
    ? { ...NO_USAGE, calls, unreported: calls }
    : reportedUsage(usage, calls);
}
