/** What a key may use and spend, as it is kept beside it. */
import type { KeyBudgets, Spending } from '../../store/index.ts';
import { finite, list, object, whole } from '../../models/openai/protocol/index.ts';

export interface Permissions {
  /** Names of models; `*` at the end of one stands for anything. Default: all. */
  readonly models?: readonly string[] | undefined;
  /** Names of techniques. Default: all. */
  readonly techniques?: readonly string[] | undefined;
  readonly day?: Partial<Spending> | undefined;
  readonly month?: Partial<Spending> | undefined;
  /** What one request may take. */
  readonly request?: Partial<Spending> | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Requests at one time; the rest wait. */
  readonly inFlight?: number | undefined;
  /** Whether it may read the metrics of the whole server. Default: no. */
  readonly metrics?: boolean | undefined;
}

export const budgetsOf = ({ day, month, requestsPerMinute }: Permissions): KeyBudgets => ({
  day,
  month,
  requestsPerMinute,
});

/** Whether anything of a key has to be counted before a request begins. */
export const isLimited = ({ day, month, requestsPerMinute }: Permissions): boolean =>
  day !== undefined || month !== undefined || requestsPerMinute !== undefined;

/** Whether a name is one of these. */
export function matches(names: readonly string[] | undefined, name: string): boolean {
  return (
    names === undefined || names.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name))
  );
}

/** Reads what was kept. What is not as it was written is a limit of nothing: it lets nobody through. */
export function readPermissions(value: unknown): Permissions {
  const fields = object(value);
  if (!fields) return { models: [] };
  const names = (name: string): readonly string[] | undefined =>
    fields[name] === undefined || fields[name] === null
      ? undefined
      : (list(fields[name]) ?? []).filter((one) => typeof one === 'string');
  const amounts = (name: string): Partial<Spending> | undefined => {
    const given = object(fields[name]);
    if (!given) return undefined;
    return Object.fromEntries(
      (['calls', 'tokens', 'usd'] as const).flatMap((amount) =>
        given[amount] === undefined || given[amount] === null ? [] : [[amount, finite(given[amount]) ?? 0]],
      ),
    );
  };
  const count = (name: string): number | undefined =>
    fields[name] === undefined || fields[name] === null ? undefined : (whole(fields[name]) ?? 0);
  return {
    models: names('models'),
    techniques: names('techniques'),
    day: amounts('day'),
    month: amounts('month'),
    request: amounts('request'),
    requestsPerMinute: count('requestsPerMinute'),
    inFlight: count('inFlight'),
    metrics: fields['metrics'] === true,
  };
}
