/** What an answer took, in the fields of the protocol and, under `plusx`, in ours. */
import { totalTokens, type Span, type Usage } from '../core/index.ts';
import type { Wire } from '../models/openai/protocol/index.ts';

/** The account of the whole tree of calls. */
export function treeOf(usage: Usage, span: Span | undefined): Wire {
  const { calls, replays, unreported, usd } = usage;
  return { calls, replays, unreported, usd: usd ?? null, techniques: span ? linesOf(span) : [] };
}

/** One line a technique: how often it ran, and all the calls made inside it. */
function linesOf(root: Span): Wire[] {
  const lines = new Map<string, { runs: number; usage: Usage[] }>();
  const visit = ({ kind, name, usage, children }: Span, isRoot: boolean): void => {
    if (kind === 'technique' && !isRoot) {
      const line = lines.get(name) ?? { runs: 0, usage: [] };
      line.runs++;
      if (usage) line.usage.push(usage);
      lines.set(name, line);
    }
    for (const child of children) visit(child, false);
  };
  visit(root, true);
  return [...lines].map(([technique, { runs, usage }]) => ({
    technique,
    runs,
    calls: usage.reduce((sum, one) => sum + one.calls, 0),
    tokens: sumOf(usage.map(totalTokens)),
    usd: sumOf(usage.map(({ usd }) => usd)),
  }));
}

const sumOf = (values: readonly (number | undefined)[]): number | null =>
  values.reduce<number | null>((sum, value) => (sum === null || value === undefined ? null : sum + value), 0);

/** `usage` of a chat; nothing where the tokens are not known. */
export function chatUsage(usage: Usage, span: Span | undefined): Wire | undefined {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, usd } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
    ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
    ...(usd !== undefined && { cost: usd }),
    plusx: treeOf(usage, span),
  };
}
