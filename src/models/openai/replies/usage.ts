/**
 * What a server says a call used, in tokens and money. All fields of a reply are read together: where they disagree, what
 * they disagree on is unknown, and is then charged as it was reserved.
 */
import { amount, costOf, tokenCount, type Price, type Reply } from '../../../core/index.ts';
import type { Wire } from '../wire.ts';

/** US dollars a token. */
export type ModelPrice = Price;

interface Billing {
  readonly price: Price | undefined;
  /** Whether the server's own bill counts, where it sends one. */
  readonly billed?: boolean | undefined;
}

/** What the reply shows beside its usage: tokens that were certainly written, in all candidates together. */
export interface Shown {
  readonly outputTokens: number;
  /** Tokens that were written and that the server does not report: those that end a text, at some. */
  readonly uncounted?: number | undefined;
}

/** What the server says it used; money by the price, or by the server's own bill where it sends one. */
export function usageOf(
  usage: unknown,
  { price, billed }: Billing,
  shown: Shown = { outputTokens: 0 },
): Reply['usage'] {
  const said = fieldsOf(usage);
  const reported = reconciled(countsIn(said), shown);
  const { outputTokens } = reported;
  const counts = {
    ...reported,
    outputTokens: outputTokens === undefined ? undefined : outputTokens + (shown.uncounted ?? 0),
  };
  const bill = billed ? billIn(said) : undefined;
  return { ...counts, usd: bill ? bill.usd : costOf(counts, price) };
}

interface Counts {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly total: number | undefined;
  readonly reasoningTokens: number | undefined;
  readonly cachedInputTokens: number | undefined;
  readonly cacheWriteInputTokens: number | undefined;
}

/** The counts, by each of the names that servers give them. */
function countsIn(said: Fields): Counts {
  const input = fieldsOf(said['prompt_tokens_details'] ?? said['input_tokens_details']);
  const output = fieldsOf(said['completion_tokens_details'] ?? said['output_tokens_details']);
  return {
    inputTokens: first(said['prompt_tokens'], said['input_tokens']),
    outputTokens: first(said['completion_tokens'], said['output_tokens']),
    total: first(said['total_tokens']),
    reasoningTokens: first(output['reasoning_tokens'], said['reasoning_tokens']),
    cachedInputTokens: first(
      input['cached_tokens'],
      said['prompt_cache_hit_tokens'],
      said['cached_tokens'],
      said['cache_read_input_tokens'],
    ),
    cacheWriteInputTokens: first(
      input['cache_write_tokens'],
      input['cache_creation_tokens'],
      said['cache_creation_input_tokens'],
    ),
  };
}

/**
 * Counts that agree with each other. Thought may stand beside the output, and parts of the input that a cache holds beside the
 * input: the total tells. Where it tells of tokens that no field names, the output is unknown.
 */
function reconciled(counts: Counts, shown: Shown): Omit<Reply['usage'], 'usd'> {
  const { total, reasoningTokens, cachedInputTokens, cacheWriteInputTokens } = counts;
  const [input, output, thought = 0] = [counts.inputTokens, counts.outputTokens, reasoningTokens];
  const kept = (cachedInputTokens ?? 0) + (cacheWriteInputTokens ?? 0);
  const parts = { reasoningTokens, cachedInputTokens, cacheWriteInputTokens };
  const whole = (inputTokens: number | undefined, outputTokens: number | undefined): Omit<Reply['usage'], 'usd'> => ({
    ...parts,
    inputTokens: inputTokens !== undefined && inputTokens >= kept ? inputTokens : undefined,
    outputTokens:
      outputTokens !== undefined && outputTokens >= Math.max(thought, shown.outputTokens) ? outputTokens : undefined,
  });
  // A total of 0 beside other counts is a field that nobody filled in.
  if (input === undefined || output === undefined || !total || total === input + output) return whole(input, output);
  const readings = [
    [input, output + thought],
    [input + kept, output],
    [input + kept, output + thought],
  ] as const;
  const fitting = readings.filter(([read, written]) => read + written === total);
  const [fit] = fitting;
  if (fit && fitting.every(([read, written]) => read === fit[0] && written === fit[1])) return whole(...fit);
  // More than the fields name: thought that nobody tells of. Less: one of the three is wrong, and nobody says which.
  return total > input + output ? whole(input, undefined) : whole(undefined, undefined);
}

/** The server's own bill; nothing where it sends none. With a key of one's own the cost is a fee, and the provider bills the rest. */
function billIn(said: Fields): { readonly usd: number | undefined } | undefined {
  if (said['cost'] === undefined || said['cost'] === null) return undefined;
  const cost = amount(said['cost']);
  const upstream = amount(fieldsOf(said['cost_details'])['upstream_inference_cost']);
  const isOwnKey = said['is_byok'] === true || (said['is_byok'] !== false && cost === 0 && (upstream ?? 0) > 0);
  return { usd: isOwnKey ? (cost === undefined || upstream === undefined ? undefined : cost + upstream) : cost };
}

/** The first of the values that is there, as a count. A value that is no count is unknown, whatever the others say. */
function first(...values: readonly unknown[]): number | undefined {
  return tokenCount(values.find((value) => value !== undefined && value !== null));
}

type Fields = { readonly [field: string]: unknown };
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** What the fields of several candidates show that was written, where one call gave them. */
export function shownIn(
  candidates: readonly { readonly tokens?: readonly unknown[] | undefined; readonly isCutOff: boolean }[],
  sent: Wire,
): Shown {
  const most = tokenCount(sent['max_completion_tokens'] ?? sent['max_tokens']) ?? 0;
  if (candidates.length < 2) {
    // The end of a text may be listed and not billed.
    return { outputTokens: Math.max(0, (candidates[0]?.tokens?.length ?? 0) - 1) };
  }
  const written = candidates.map(({ tokens, isCutOff }) => Math.max(tokens?.length ?? 0, isCutOff ? most : 0));
  return { outputTokens: written.reduce((sum, tokens) => sum + tokens, 0) };
}
