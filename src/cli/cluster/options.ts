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
    throw new UsageError(
      '--workers and --memory do not go together: what one item leaves is there for the next. Leave one of them out.',
    );
  if (mcp !== undefined && mcp.length > 0)
    throw new UsageError(
      '--workers and --mcp do not go together: workers start no servers of tools. Leave one of them out.',
    );
  return store;
}

// What workers are told of a command: the options that change what comes of it. Files among them are looked for on the worker.

/** How models are opened. */
export const OF_MODELS = ['price', 'prices', 'promptCache', 'defaults', 'import'] as const;
/** What is asked of them beside the question. */
export const OF_REQUESTS = ['temperature', 'maxTokens', 'topP', 'stop', 'system', 'reasoning'] as const;

/** Those of the named options that were given, in the order of the names: what is said alike is the same run. */
export function given<O extends object, const N extends keyof O>(options: O, names: readonly N[]): Partial<Pick<O, N>> {
  const said: Partial<Pick<O, N>> = {};
  for (const name of names) if (options[name] !== undefined) said[name] = options[name];
  return said;
}
