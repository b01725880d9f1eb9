/** What a call of a plusx model tells the AI SDK: the answer, the account of the whole call tree, and how it came about. */
import {
  totalTokens,
  type Content,
  type Context,
  type Json,
  type ProviderData,
  type Sample,
  type Sampled,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import { contentToV3, finishToV3 } from './convert.ts';
import type { AiSdkContent, AiSdkResponse, AiSdkResult, AiSdkUsage, AiSdkVersion, AiSdkWarning } from './types.ts';
import { toSdkWarning } from './warnings.ts';

/** What the report of a call is made of besides the answer. */
export interface Account {
  readonly version: AiSdkVersion;
  readonly formula: string;
  readonly seed: number | string;
  /** Whether the caller asked for that seed. */
  readonly seeded: boolean;
  readonly traceId: string;
  readonly context: Context;
}

interface Upstream {
  readonly response?: { readonly id?: string; readonly modelId?: string; readonly timestamp?: string };
  readonly usage?: AiSdkUsage;
}

/** Everything of a result but its content. */
export function reportOf(sampled: Sampled, account: Account): Omit<AiSdkResult, 'content'> {
  const [sample] = sampled.samples as [Sample];
  const { upstream, ...facts } = sample.providerMetadata?.['plusx'] ?? {};
  const { response, usage: exact } = (upstream ?? {}) as Upstream;
  const { usage } = account.context.ledger;
  const exhausted = sampled.exhausted ?? account.context.ledger.exhausted;
  const warnings = warningsOf(account);
  if (exhausted)
    warnings.push({ type: 'other', message: `The budget of ${exhausted} ran out: this is the best answer so far.` });
  const plusx: { readonly [fact: string]: Json | undefined } = {
    ...facts,
    formula: account.formula,
    seed: account.seed,
    traceId: account.traceId,
    calls: usage.calls,
    replays: usage.replays || undefined,
    unreported: usage.unreported || undefined,
    tokens: totalTokens(usage),
    cost: usage.usd,
    exhausted,
    warnings: warnings.length > 0 ? warnings.map(textOfWarning) : undefined,
  };
  return {
    finishReason: (account.version === 'v3' ? finishToV3(sample.finish) : sample.finish) as AiSdkResult['finishReason'],
    usage: exact && usage.calls === 1 && usage.replays === 0 ? exact : sdkUsage(usage),
    providerMetadata: {
      ...(sample.providerMetadata as AiSdkResult['providerMetadata']),
      plusx: known(plusx),
    } as NonNullable<AiSdkResult['providerMetadata']>,
    ...(response && { response: responseOf(response) }),
    warnings,
  };
}

/** Content in the words of the version; what it has none for is left out with a warning. */
export function contentOf(content: readonly Content[], { version, context }: Account): AiSdkContent[] {
  return content.flatMap((part) => (outgoing(part, version, context) ?? []) as AiSdkContent[]);
}

/** A part in the words of the version, or nothing. */
export function outgoing(part: object, version: AiSdkVersion, { ledger }: Context): object | undefined {
  if (version === 'v4') return part;
  return contentToV3(part, (what) => {
    ledger.warn({
      code: 'part-lost',
      message: `The answer holds ${what}, which specification v3 has no word for: it is left out.`,
    });
  });
}

/** The warnings so far. That a provider takes no seed is news only to who asked for one. */
export function warningsOf({ context, seeded }: Account): AiSdkWarning[] {
  return context.ledger.warnings
    .filter(({ code }: Warning) => seeded || code !== 'ai-sdk/unsupported/seed')
    .map(toSdkWarning);
}

function sdkUsage(usage: Usage): AiSdkUsage {
  const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens, cacheWriteInputTokens } = usage;
  const minus = (total: number | undefined, part: number | undefined): number | undefined =>
    total === undefined || part === undefined ? undefined : total - part;
  return {
    inputTokens: {
      total: inputTokens,
      noCache: minus(minus(inputTokens, cachedInputTokens), cacheWriteInputTokens ?? 0),
      cacheRead: cachedInputTokens,
      cacheWrite: cacheWriteInputTokens,
    },
    outputTokens: {
      total: outputTokens,
      text: minus(outputTokens, reasoningTokens),
      reasoning: reasoningTokens,
    },
  };
}

function responseOf({ timestamp, ...rest }: NonNullable<Upstream['response']>): AiSdkResponse {
  return known({ ...rest, ...(timestamp !== undefined && { timestamp: new Date(timestamp) }) });
}

function textOfWarning(warning: AiSdkWarning): string {
  return 'feature' in warning
    ? `${warning.type}: ${warning.feature}${warning.details ? `: ${warning.details}` : ''}`
    : warning.message;
}

function known<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** The prompt without the progress that an earlier answer showed as reasoning: it is no part of the conversation. */
export function withoutProgress(prompt: readonly object[]): object[] {
  return prompt.map((message) =>
    'role' in message && message.role === 'assistant' && 'content' in message && Array.isArray(message.content)
      ? { ...message, content: message.content.filter((part) => !isProgress(part)) }
      : message,
  );
}

/** Whether a part of a prompt or of a stream tells of work under way. Text alone never makes it one. */
export function isProgress(part: {
  readonly type?: string;
  readonly providerOptions?: ProviderData | undefined;
  readonly providerMetadata?: ProviderData | undefined;
}): boolean {
  const facts = (part.providerOptions ?? part.providerMetadata)?.['plusx'];
  return part.type?.startsWith('reasoning') === true && facts?.['progress'] === true;
}
