/** What a server says a call used, in tokens and money. Unknown stays unknown. */
import type { Price, Reply } from '../../core/index.ts';
import type { Wire } from './wire.ts';

/** US dollars a token; `cachedInput` for the part of the input that the server had in its cache. */
export interface ModelPrice extends Price {
  readonly cachedInput?: number | undefined;
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** What the server says it used; money by the price, or by the server's own bill where it sends one. */
export function usageOf(
  usage: Wire | null | undefined,
  { price, billed }: { readonly price: ModelPrice | undefined; readonly billed?: boolean | undefined },
): Reply['usage'] {
  const inputTokens = count(usage?.['prompt_tokens']);
  const outputTokens = count(usage?.['completion_tokens']);
  const cachedInputTokens =
    count((usage?.['prompt_tokens_details'] as Wire | null | undefined)?.['cached_tokens']) ??
    count(usage?.['prompt_cache_hit_tokens']);
  const reasoningTokens = count(
    (usage?.['completion_tokens_details'] as Wire | null | undefined)?.['reasoning_tokens'],
  );
  let usd = billed ? count(usage?.['cost']) : undefined;
  if (usd === undefined && price && inputTokens !== undefined && outputTokens !== undefined) {
    const cached = price.cachedInput === undefined ? 0 : (cachedInputTokens ?? 0);
    usd = (inputTokens - cached) * price.input + cached * (price.cachedInput ?? 0) + outputTokens * price.output;
  }
  return { inputTokens, outputTokens, reasoningTokens, cachedInputTokens, usd };
}
