/** What tokens cost. */
import { InvalidOption } from '../errors.ts';

/** US dollars a token. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** For input that the server had in its cache. Default: what other input costs. */
  readonly cachedInput?: number | undefined;
  /** For input that the server writes to its cache. Where it is left out, the cost of a call that wrote there is unknown. */
  readonly cacheWriteInput?: number | undefined;
}

interface Counted {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly cacheWriteInputTokens?: number | undefined;
}

/** What calls with this usage cost; `undefined` where the price or the counts do not say it. */
export function costOf(
  { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteInputTokens: written = 0 }: Counted,
  price: Price | undefined,
): number | undefined {
  if (!price || inputTokens === undefined || outputTokens === undefined) return undefined;
  if (written > 0 && price.cacheWriteInput === undefined) return undefined;
  const plain = inputTokens - cachedInputTokens - written;
  return (
    plain * price.input +
    cachedInputTokens * (price.cachedInput ?? price.input) +
    written * (price.cacheWriteInput ?? 0) +
    outputTokens * price.output
  );
}

/** The most that a token of input may cost. */
export function dearestInput({ input, cachedInput = 0, cacheWriteInput = 0 }: Price): number {
  return Math.max(input, cachedInput, cacheWriteInput);
}

/** Refuses a price that is none: a budget in money would never end by it. */
export function checkPrice(price: Price): void {
  for (const [name, value] of Object.entries(price))
    if (value !== undefined && !(value >= 0 && value < Infinity))
      throw new InvalidOption({
        where: 'price',
        option: name,
        rule: 'must be US dollars a token, a finite number of at least 0',
        value,
      });
}
