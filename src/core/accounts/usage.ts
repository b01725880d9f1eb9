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
  usd: 0,
});

/** What a cancelled or broken draw leaves: it was made, and nothing is known of its tokens. */
export const UNREPORTED_CALL: Usage = Object.freeze({ ...NO_USAGE, calls: 1, unreported: 1 });

const known = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

/** A number of tokens, or an amount of money, that a server reports: what is negative, endless or no number is unknown. */
function amount(value: number | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A part of a whole: more than the whole is no part of it. */
function part(value: number | undefined, whole: number | undefined): number | undefined {
  const known = amount(value);
  return known !== undefined && whole !== undefined && known > whole ? undefined : known;
}

/**
 * What a back end says that `calls` candidates took, as an account takes it: the one place where numbers from outside enter. Tokens
 * are whole numbers of at least 0, money is at least 0, a part is no more than its whole; anything else is unknown, and is then
 * charged as it was reserved.
 */
export function reportedUsage(
  {
    inputTokens,
    outputTokens,
    reasoningTokens,
    cachedInputTokens,
    usd,
  }: Omit<Usage, 'calls' | 'replays' | 'unreported'>,
  calls: number,
): Usage {
  const whole = (value: number | undefined): number | undefined =>
    value !== undefined && Number.isSafeInteger(value) ? amount(value) : undefined;
  const [input, output] = [whole(inputTokens), whole(outputTokens)];
  return {
    calls,
    replays: 0,
    unreported: 0,
    inputTokens: input,
    outputTokens: output,
    reasoningTokens: part(whole(reasoningTokens), output),
    cachedInputTokens: part(whole(cachedInputTokens), input),
    usd: amount(usd),
  };
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
    usd: known(a.usd, b.usd),
  };
}

/** Input plus output tokens, `undefined` when either is unknown. */
export function totalTokens(usage: Pick<Usage, 'inputTokens' | 'outputTokens'>): number | undefined {
  return known(usage.inputTokens, usage.outputTokens);
}

/** Shares a native-`n` call's usage over its candidates so that the parts sum to the whole: the first takes what does not divide. */
export function splitUsage(usage: Usage, parts: number): Usage[] {
  const share = (total: number | undefined, i: number): number | undefined => {
    if (total === undefined) return undefined;
    const even = Number.isInteger(total) ? Math.floor(total / parts) : total / parts;
    return i === 0 ? total - even * (parts - 1) : even;
  };
  return Array.from({ length: parts }, (_, i) => ({
    ...NO_USAGE,
    calls: 1,
    inputTokens: share(usage.inputTokens, i),
    outputTokens: share(usage.outputTokens, i),
    reasoningTokens: share(usage.reasoningTokens, i),
    cachedInputTokens: share(usage.cachedInputTokens, i),
    usd: share(usage.usd, i),
  }));
}
