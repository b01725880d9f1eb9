import type { Price } from './price.ts';

/** Exact usage: what is not known stays `undefined` and makes the sum `undefined`, never 0. */
export interface Usage {
  /** Candidates drawn from a base model, however many HTTP requests carried them, replays and cancelled draws included. */
  readonly calls: number;
  /** Of `calls`, those answered from a journal: paid for earlier. */
  readonly replays: number;
  /** Of `calls`, those cancelled or broken in flight: the provider may bill them and tells nobody, so no token sum holds them. */
  readonly unreported: number;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Part of `outputTokens`. */
  readonly reasoningTokens: number | undefined;
  /** Part of `inputTokens`. */
  readonly cachedInputTokens: number | undefined;
  /** Part of `inputTokens`, beside the cached ones: what the server put into its cache, at a price of its own. */
  readonly cacheWriteInputTokens?: number | undefined;
  /** US dollars. */
  readonly usd: number | undefined;
}

export const NO_USAGE: Usage = Object.freeze({
  calls: 0,
  replays: 0,
  unreported: 0,
  inputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  usd: 0,
});

/** What a cancelled or broken draw leaves: it was made, and nothing is known of its tokens. */
export const UNREPORTED_CALL: Usage = Object.freeze({ ...NO_USAGE, calls: 1, unreported: 1 });

const known = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

/** A number of tokens, or an amount of money, that a server reports: what is negative, endless or no number is unknown. */
export function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** What a back end says that a call took. */
export type Reported = Omit<Usage, 'calls' | 'replays' | 'unreported'>;

/** A number of tokens, from outside: unknown where it is no whole number of at least 0. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? amount(value) : undefined;
}

const exceeds = (parts: readonly (number | undefined)[], whole: number | undefined): boolean =>
  whole !== undefined && parts.reduce<number>((sum, part) => sum + (part ?? 0), 0) > whole;

/**
 * What a back end says that `calls` candidates took, as an account takes it: the one place where numbers from outside enter. Tokens
 * are whole numbers of at least 0, money is at least 0. Anything else is unknown. So are a whole, its parts and the money where
 * the parts are more than the whole. What is unknown is charged as it was reserved.
 */
export function reportedUsage(reported: Reported, calls: number): Usage {
  const [inputTokens, cachedInputTokens, cacheWriteInputTokens] = [
    tokenCount(reported.inputTokens),
    tokenCount(reported.cachedInputTokens),
    tokenCount(reported.cacheWriteInputTokens),
  ];
  const [outputTokens, reasoningTokens] = [tokenCount(reported.outputTokens), tokenCount(reported.reasoningTokens)];
  const isInput = !exceeds([cachedInputTokens, cacheWriteInputTokens], inputTokens);
  const isOutput = !exceeds([reasoningTokens], outputTokens);
  return {
    calls,
    replays: 0,
    unreported: 0,
    inputTokens: isInput ? inputTokens : undefined,
    outputTokens: isOutput ? outputTokens : undefined,
    reasoningTokens: isOutput ? reasoningTokens : undefined,
    cachedInputTokens: isInput ? cachedInputTokens : undefined,
    cacheWriteInputTokens: isInput ? cacheWriteInputTokens : undefined,
    usd: isInput && isOutput ? amount(reported.usd) : undefined,
  };
}

/** The same usage, where everything in it is an amount; a number that is none is a mistake in a model or a technique. */
export function checkedUsage(usage: Usage): Usage {
  for (const [name, value] of Object.entries(usage))
    if (value !== undefined && amount(value) === undefined)
      throw new RangeError(`usage: ${name} must be a finite number of at least 0, got ${value}`);
  return usage;
}

/** Sum of two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    calls: a.calls + b.calls,
    replays: a.replays + b.replays,
    unreported: a.unreported + b.unreported,
    inputTokens: known(a.inputTokens, b.inputTokens),
    outputTokens: known(a.outputTokens, b.outputTokens),
    reasoningTokens: known(a.reasoningTokens, b.reasoningTokens),
    cachedInputTokens: known(a.cachedInputTokens, b.cachedInputTokens),
    cacheWriteInputTokens: known(a.cacheWriteInputTokens, b.cacheWriteInputTokens),
    usd: known(a.usd, b.usd),
  };
}

/** Input plus output tokens, `undefined` when either is unknown. */
export function totalTokens(usage: Pick<Usage, 'inputTokens' | 'outputTokens'>): number | undefined {
  return known(usage.inputTokens, usage.outputTokens);
}

/**
 * Shares a native-`n` call's usage over its candidates so that the parts sum to the whole. The first bears the prompt, which
 * was read once, and what does not divide, so that the first k together stand for a call for k.
 */
export function splitUsage(usage: Usage, parts: number, price?: Price): Usage[] {
  const output = evenly(usage.outputTokens, parts);
  const reasoning = evenly(usage.reasoningTokens, parts);
  const usd = usage.usd === undefined ? undefined : usdOfOne(usage.usd, output, parts, price);
  const first = (total: number | undefined, each: number | undefined): number | undefined =>
    total === undefined || each === undefined ? undefined : total - each * (parts - 1);
  const none = (total: number | undefined): number | undefined => (total === undefined ? undefined : 0);
  return Array.from({ length: parts }, (_, i) => ({
    ...NO_USAGE,
    calls: 1,
    inputTokens: i === 0 ? usage.inputTokens : none(usage.inputTokens),
    outputTokens: i === 0 ? first(usage.outputTokens, output) : output,
    reasoningTokens: i === 0 ? first(usage.reasoningTokens, reasoning) : reasoning,
    cachedInputTokens: i === 0 ? usage.cachedInputTokens : none(usage.cachedInputTokens),
    cacheWriteInputTokens: i === 0 ? usage.cacheWriteInputTokens : none(usage.cacheWriteInputTokens),
    usd: i === 0 ? first(usage.usd, usd) : usd,
  }));
}

const evenly = (total: number | undefined, parts: number): number | undefined =>
  total === undefined ? undefined : Math.floor(total / parts);

/** The output of a candidate at its price; an even share where that is not known, or the bill was lower. */
function usdOfOne(total: number, outputTokens: number | undefined, parts: number, price: Price | undefined): number {
  const own = price && outputTokens !== undefined ? outputTokens * price.output : Infinity;
  return Math.min(own, total / parts);
}
