/** What the verbs are told of workers. */
import { UsageError } from '../failure.ts';
import { isAddress } from '../store/open.ts';

export interface WorkersOptions {
  /** Hand the items to the workers of `--store`. */
  readonly workers?: true | undefined;
  /** Which runs go first. */
  readonly priority?: number | undefined;
}

/** The address of the store that workers share. Throws where what is asked for cannot be done by workers. */
export function addressForWorkers({
  store,
  memory,
  mcp,
}: {
  readonly store?: string | undefined;
  readonly memory?: string | undefined;
  readonly mcp?: readonly string[] | undefined;
}): string {
  if (store === undefined || !isAddress(store))
    throw new UsageError('--workers needs a store on PostgreSQL: --store postgres://USER:PASSWORD@HOST:PORT/DATABASE.');
  if (memory !== undefined)
    throw new UsageError('--workers and --memory do not go together: what one item leaves is there for the next.');
  if (mcp !== undefined && mcp.length > 0)
    throw new UsageError('--workers and --mcp do not go together: workers start no servers of tools.');
  return store;
}
