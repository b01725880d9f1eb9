/** What tokens cost. */
import { InvalidOption } from '../errors.ts';

/** US dollars a token. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** For input that the server had in its cache. Default: what other input costs. */
  readonly cachedInput?: number | undefined;
  /** For input that the server writes to its cache. Where it is left out, the cost of a call that wrote there is unknown. */
  readonly cacheWriteInput?: number | undefined;
}

/** US dollars a token, and what holds for all tokens of a call whose input is long. */
export interface Price extends Rates {
  readonly long?: (Rates & { /** Tokens of input. */ readonly above: number }) | undefined;
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
  const { input, output, cachedInput = input, cacheWriteInput } = ratesAt(price, inputTokens);
  if (written > 0 && cacheWriteInput === undefined) return undefined;
  const plain = inputTokens - cachedInputTokens - written;
  return plain * input + cachedInputTokens * cachedInput + written * (cacheWriteInput ?? 0) + outputTokens * output;
}

/** The rates of a call with so many tokens of input. */
function ratesAt(price: Price, inputTokens: number): Rates {
  return price.long && inputTokens > price.long.above ? price.long : price;
}

/** The most that a token of input, and one of output, may cost in a call of at most so many tokens of input. */
export function dearestRates(price: Price, inputTokens = Infinity): Pick<Rates, 'input' | 'output'> {
  const rates = [price, ratesAt(price, inputTokens)];
  return {
    input: Math.max(
      ...rates.flatMap(({ input, cachedInput = 0, cacheWriteInput = 0 }) => [input, cachedInput, cacheWriteInput]),
    ),
    output: Math.max(...rates.map(({ output }) => output)),
  };
}

/** Refuses a price that is none: a budget in money would never end by it. */
export function checkPrice(price: Price): void {
  const { long, ...rates } = price;
  const parts = Object.entries(long ?? {}).map(([name, value]) => [`long.${name}`, value] as const);
  for (const [name, value] of [...Object.entries(rates), ...parts])
    if (value !== undefined && !(value >= 0 && value < Infinity))
      throw new InvalidOption({
        where: 'price',
        option: name,
        rule: 'must be US dollars a token, a finite number of at least 0',
        value,
      });
}
