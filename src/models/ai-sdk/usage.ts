/** What a provider says a call used. A number that cannot be right, alone or beside the others, is unknown. */
import { costOf, tokenCount, type Price, type Reply } from '../../core/index.ts';
import type { AiSdkUsage } from './types.ts';

export function usageOf(usage: AiSdkUsage | undefined, price: Price | undefined): Reply['usage'] {
  const [input, output, raw] = [usage?.inputTokens, usage?.outputTokens, usage?.raw].map(fieldsOf) as [
    Fields,
    Fields,
    Fields,
  ];
  const read = tokenCount(input['cacheRead']);
  const written = tokenCount(input['cacheWrite']);
  const thought = tokenCount(output['reasoning']);
  const inputTokens = atLeast(tokenCount(input['total']), [tokenCount(input['noCache']), read, written]);
  const told = atLeast(tokenCount(output['total']), [tokenCount(output['text']), thought]);
  const all = tokenCount(raw['total_tokens'] ?? raw['totalTokens'] ?? raw['totalTokenCount']);
  // A total above the sum tells of thought that is billed and stands in no other number.
  const outputTokens = all !== undefined && all > (inputTokens ?? 0) + (told ?? 0) ? undefined : told;
  const counts = {
    inputTokens,
    outputTokens,
    reasoningTokens: outputTokens === undefined ? undefined : thought,
    cachedInputTokens: inputTokens === undefined ? undefined : read,
    cacheWriteInputTokens: inputTokens === undefined ? undefined : written,
  };
  return { ...counts, usd: costOf(counts, price) };
}

/** A total that is smaller than its parts is contradicted by them. */
function atLeast(total: number | undefined, parts: readonly (number | undefined)[]): number | undefined {
  const sum = parts.reduce<number>((all, part) => all + (part ?? 0), 0);
  return total !== undefined && total >= sum ? total : undefined;
}

type Fields = { readonly [field: string]: unknown };

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
