/** What a request can take at most, before anything is asked of anybody. */
import { byteLength, type Limits, type Model, type Request } from '../../core/index.ts';
import { worstCase } from '../../evaluate/worst-case.ts';
import { objects, whole, type Wire } from '../../models/openai/protocol/index.ts';
import type { ServeLimits } from '../../config/serve.ts';
import { Refusal } from '../failure.ts';
import type { Need } from './keys.ts';
import type { Behind, Passing } from '../pass/pass.ts';

/** Of a run of a composed model. Throws Refusal where that is more than any request may take. */
export function needOfRun(model: Model, request: Request, n: number, own: Limits, limits: ServeLimits): Need {
  const worst = worstCase(model, request);
  const calls = least(times(worst.calls, n), own.calls);
  if (calls !== undefined && calls > limits.calls)
    throw new Refusal(
      `This request can make ${calls} calls of models, and ${limits.calls} are allowed. Use a formula with fewer, or set \`plusx.budget.calls\`.`,
      { param: 'model', code: 'too_many_calls' },
    );
  const noPrice = worst.because.find(({ what }) => what === 'usd')?.why;
  return {
    calls: calls ?? limits.calls,
    tokens: least(times(sum(worst.inputTokens, worst.outputTokens), n), own.tokens),
    usd: least(times(worst.usd, n), own.usd),
    ...(noPrice !== undefined && worst.usd === undefined && { noPrice }),
  };
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;
const times = (a: number | undefined, n: number): number | undefined => (a === undefined ? undefined : a * n);

/** Upper bound of the tokens of one image or other file that a request names. */
const FILE_TOKENS = 16_384;

/** Of a request that is handed on as it is. */
export interface HandedNeed extends Need {
  readonly n: number;
  readonly inputTokens: number;
}

/** What has a server read more than the body holds: what it kept, and what it fetches. */
function unboundedIn(fields: Wire, path: Passing['path']): string | undefined {
  if (path === '/chat/completions') return isThere(fields['web_search_options']) ? 'web_search_options' : undefined;
  if (path !== '/responses') return undefined;
  const kept = ['previous_response_id', 'conversation', 'prompt'].find((name) => isThere(fields[name]));
  const own = objects(fields['tools'])?.findIndex(({ type }) => type !== 'function' && type !== 'custom') ?? -1;
  return kept ?? (own >= 0 ? `tools[${own}]` : undefined);
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

export function needOfHandedOn(
  text: string,
  fields: Wire,
  { billing: { price }, name }: Pick<Behind, 'billing' | 'name'>,
  path: Passing['path'],
): HandedNeed {
  const n = Math.max(1, whole(fields['n']) ?? 1);
  const files = text.match(/"(?:image_url|file_id|input_image|input_file|input_audio)"/g)?.length ?? 0;
  // No token is shorter than a byte, and the body holds all that is asked.
  const inputTokens = byteLength(text) + files * FILE_TOKENS + 64;
  const most =
    whole(fields['max_completion_tokens']) ?? whole(fields['max_output_tokens']) ?? whole(fields['max_tokens']);
  const dearest = price && Math.max(price.input, price.cachedInput ?? 0, price.cacheWriteInput ?? 0);
  const outputTokens = most === undefined ? undefined : most * n;
  return {
    n,
    inputTokens,
    calls: n,
    tokens: outputTokens === undefined ? undefined : inputTokens + outputTokens,
    usd:
      price && dearest !== undefined && outputTokens !== undefined
        ? inputTokens * dearest + outputTokens * price.output
        : price?.output === 0 && dearest === 0
          ? 0
          : undefined,
    ...(!price && { noPrice: `the price of ${name} is not known` }),
    unbounded: unboundedIn(fields, path),
  };
}

/** The most output tokens of each answer that a budget leaves; nothing where it sets no bound. */
export function affordable(
  { n, inputTokens }: HandedNeed,
  { tokens = Infinity, usd = Infinity }: Limits,
  price: Behind['billing']['price'],
): number | undefined {
  const byTokens = (tokens - inputTokens) / n;
  const dearest = price ? Math.max(price.input, price.cachedInput ?? 0, price.cacheWriteInput ?? 0) : 0;
  const byMoney = price && price.output > 0 ? (usd - inputTokens * dearest) / price.output / n : Infinity;
  const most = Math.floor(Math.min(byTokens, byMoney) + 1e-9);
  if (most === Infinity) return undefined;
  if (most >= 1) return most;
  throw new Refusal(
    `This request reads up to ${inputTokens} tokens, and the budget left for it does not allow an answer. Send less, or ask for a larger budget.`,
    { status: 402, code: 'insufficient_budget' },
  );
}
