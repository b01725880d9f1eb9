/** What a provider says a call used. A number that cannot be right, alone or beside the others, is unknown. */
import type { Reply } from '../../core/index.ts';
import type { AiSdkPrice, AiSdkUsage } from './types.ts';

export function usageOf(usage: AiSdkUsage | undefined, price: AiSdkPrice | undefined): Reply['usage'] {
  const [input, output, raw] = [usage?.inputTokens, usage?.outputTokens, usage?.raw].map(fieldsOf) as [
    Fields,
    Fields,
    Fields,
  ];
  const read = count(input['cacheRead']);
  const written = count(input['cacheWrite']);
  const thought = count(output['reasoning']);
  const inputTokens = atLeast(count(input['total']), [count(input['noCache']), read, written]);
  const told = atLeast(count(output['total']), [count(output['text']), thought]);
  const all = count(raw['total_tokens'] ?? raw['totalTokens'] ?? raw['totalTokenCount']);
  // A total above the sum tells of thought that is billed and stands in no other number.
  const outputTokens = all !== undefined && all > (inputTokens ?? 0) + (told ?? 0) ? undefined : told;
  return {
    inputTokens,
    outputTokens,
    reasoningTokens: outputTokens === undefined ? undefined : thought,
    cachedInputTokens: inputTokens === undefined ? undefined : read,
    usd: dollars(inputTokens, outputTokens, { read: read ?? 0, written: written ?? 0 }, price),
  };
}

/** Tokens are counted in whole numbers from 0. */
export const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** A total that is smaller than its parts is contradicted by them. */
function atLeast(total: number | undefined, parts: readonly (number | undefined)[]): number | undefined {
  const sum = parts.reduce<number>((all, part) => all + (part ?? 0), 0);
  return total !== undefined && total >= sum ? total : undefined;
}

function dollars(
  input: number | undefined,
  output: number | undefined,
  { read, written }: { readonly read: number; readonly written: number },
  price: AiSdkPrice | undefined,
): number | undefined {
  if (!price || input === undefined || output === undefined) return undefined;
  if (written > 0 && price.cacheWrite === undefined) return undefined;
  const { cachedInput = price.input, cacheWrite = 0 } = price;
  return (input - read - written) * price.input + read * cachedInput + written * cacheWrite + output * price.output;
}

type Fields = { readonly [field: string]: unknown };

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
