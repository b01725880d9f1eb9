/**
 * The last answers that were handed on, so that feedback finds them. To write a trace of each would cost more than to hand it on, and
 * nobody says anything of nearly all of them: a trace is made of one once somebody does.
 */
import { closeSpan, openSpan, type Trace, type Usage } from '../../core/index.ts';

export interface HandedAnswer {
  readonly id: string;
  /** The key that asked. */
  readonly owner: string | undefined;
  /** The id of the model as the client wrote it. */
  readonly model: string;
  readonly ms: number;
  readonly usage: Usage;
  readonly status: 'ok' | 'cancelled' | 'error';
}

export interface RecentAnswers {
  add(answer: HandedAnswer): void;
  find(id: string): HandedAnswer | undefined;
}

const KEPT = 10_000;
const ID_LETTERS = 16;
const STATUSES = ['ok', 'cancelled', 'error'] as const;
const COUNTS = ['calls', 'replays', 'unreported'] as const;
const AMOUNTS = [
  'inputTokens',
  'outputTokens',
  'reasoningTokens',
  'cachedInputTokens',
  'cacheWriteInputTokens',
  'usd',
] as const;
/** The numbers of an answer: the milliseconds, the place of its status, then what it took. */
const NUMBERS = 2 + COUNTS.length + AMOUNTS.length;

/** Who asked for what: nearly always the same as the time before. */
type Asked = Pick<HandedAnswer, 'owner' | 'model'>;

/**
 * Keeps so many answers, the newest in the place of the oldest. They lie in columns of numbers: as objects each would outlive the
 * collections of young ones, which then take twice as long.
 */
export function recentAnswers(most = KEPT): RecentAnswers {
  const ids = Buffer.alloc(most * ID_LETTERS);
  const numbers = new Float64Array(most * NUMBERS);
  const asked: (Asked | undefined)[] = Array.from({ length: most }, () => undefined);
  let last: Asked | undefined;
  let next = 0;
  return {
    add({ id, owner, model, ms, usage, status }) {
      ids.write(id.padEnd(ID_LETTERS), next * ID_LETTERS, ID_LETTERS, 'latin1');
      if (last?.model !== model || last.owner !== owner) last = { owner, model };
      asked[next] = last;
      let at = next * NUMBERS;
      numbers[at++] = ms;
      numbers[at++] = STATUSES.indexOf(status);
      for (const name of COUNTS) numbers[at++] = usage[name];
      for (const name of AMOUNTS) numbers[at++] = usage[name] ?? Number.NaN;
      next = (next + 1) % most;
    },
    find(id) {
      const place = placeOf(ids, id);
      const who = place === undefined ? undefined : asked[place];
      if (place === undefined || !who) return undefined;
      const [ms = 0, status = 0, ...took] = numbers.subarray(place * NUMBERS, (place + 1) * NUMBERS);
      return { id, ...who, ms, status: STATUSES[status] ?? 'error', usage: usageIn(took) };
    },
  };
}

/** Which answer has an id. One that begins within another's is none. */
function placeOf(ids: Buffer, id: string): number | undefined {
  const wanted = id.padEnd(ID_LETTERS);
  for (let at = ids.indexOf(wanted, 0, 'latin1'); at !== -1; at = ids.indexOf(wanted, at + 1, 'latin1'))
    if (at % ID_LETTERS === 0) return at / ID_LETTERS;
  return undefined;
}

function usageIn(took: readonly number[]): Usage {
  const [calls = 0, replays = 0, unreported = 0, ...rest] = took;
  const amount = (name: (typeof AMOUNTS)[number]): number | undefined => {
    const value = rest[AMOUNTS.indexOf(name)];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    calls,
    replays,
    unreported,
    inputTokens: amount('inputTokens'),
    outputTokens: amount('outputTokens'),
    reasoningTokens: amount('reasoningTokens'),
    cachedInputTokens: amount('cachedInputTokens'),
    cacheWriteInputTokens: amount('cacheWriteInputTokens'),
    usd: amount('usd'),
  };
}

/** A trace of one call. */
export function traceOf({ id, model, ms, usage, status }: HandedAnswer): Trace {
  const root = openSpan(undefined, { path: '', name: model, kind: 'call', start: 0 });
  closeSpan(root, { end: ms, status, usage });
  root.facts = { formula: model };
  return { id, root };
}
