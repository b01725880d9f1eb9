/** What is asked of a model and what it answers: requests, samples, and what a sample claims to be. */
import { textOf } from './message.ts';
import type {
  Content,
  FinishReason,
  Json,
  Message,
  ProviderData,
  ProviderTool,
  ResponseFormat,
  Tool,
  ToolChoice,
} from './message.ts';
import type { Usage } from './accounts/usage.ts';

/** One inference: the AI SDK's call options, plus the number of candidates. */
export interface Request {
  readonly prompt: readonly Message[];
  /** Number of candidates. Default 1. */
  readonly n?: number | undefined;
  /** Index of the first candidate, so that draws 5..7 continue the stream of draws 0..4. Default 0. */
  readonly from?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly tools?: ReadonlyArray<Tool | ProviderTool> | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly reasoning?: string | undefined;
  /** Ask for log-probabilities of the sampled tokens; a number asks for that many alternatives a token as well. */
  readonly logprobs?: boolean | number | undefined;
  readonly providerOptions?: ProviderData | undefined;
  /** Sent as they are, never written to a journal or a trace. */
  readonly headers?: { readonly [name: string]: string | undefined } | undefined;
}

/** The names of what a request may hold. */
export const REQUEST_FIELDS: readonly string[] = Object.keys({
  prompt: true,
  n: true,
  from: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  topK: true,
  presencePenalty: true,
  frequencyPenalty: true,
  stopSequences: true,
  responseFormat: true,
  tools: true,
  toolChoice: true,
  reasoning: true,
  logprobs: true,
  providerOptions: true,
  headers: true,
} satisfies Record<keyof Request, true>);

/** How far the stated target distribution is met: exactly, in the limit of more compute, or as a rule of thumb. */
export interface Semantics {
  readonly kind: 'exact' | 'asymptotic' | 'heuristic';
  /** The target distribution, as a formula over P, the base's distribution. */
  readonly target: string;
  readonly why: string;
}

export interface TokenLogprob {
  readonly token: string;
  /** In nats. */
  readonly logprob: number;
  readonly alternatives?: ReadonlyArray<{ readonly token: string; readonly logprob: number }> | undefined;
}

/** One candidate. */
export interface Sample {
  readonly content: readonly Content[];
  readonly finish: FinishReason;
  /** Importance weight relative to the stated target. Default 1. */
  readonly weight: number;
  readonly semantics: Semantics;
  /** What this candidate took where that is known: candidates of one native `n` share a prompt, and then it is not. */
  readonly usage?: Usage | undefined;
  /** Log-probability of the whole text under the model that wrote it, in nats, as sampled (after temperature). */
  readonly logprob?: number | undefined;
  readonly tokens?: readonly TokenLogprob[] | undefined;
  /** The text as it was written, where thoughts were taken out of it. Tokens, log-probability and continuations go by it. */
  readonly written?: string | undefined;
  /** The final answer where the model declares one (`null`: it declares that there is none); else it is extracted. */
  readonly answer?: string | null | undefined;
  /** `plusx` holds what techniques have to say: votes, share, score, rounds. */
  readonly providerMetadata?: ProviderData | undefined;
}

/** What a call to `sample` returns. */
export interface Sampled {
  readonly samples: readonly Sample[];
  /** Exact sum over every call made below. */
  readonly usage: Usage;
  readonly warnings: readonly Warning[];
  /** Set when a budget or deadline cut the work short and these are the best samples so far. */
  readonly exhausted?: 'calls' | 'tokens' | 'usd' | 'ms' | undefined;
}

export interface Warning {
  /** Stable name, such as `n-ignored`. */
  readonly code: string;
  readonly message: string;
}

export interface Scored {
  readonly logprob: number;
  readonly tokens?: readonly TokenLogprob[] | undefined;
  readonly usage: Usage;
}

/** The text that a model wrote, thoughts in it included: what scores and continuations go by. */
export function writtenOf({ written, content }: Sample): string {
  return written ?? textOf(content);
}

const STRENGTH = { exact: 2, asymptotic: 1, heuristic: 0 } as const;

/** The weaker of two claims: a technique over a heuristic base is itself a heuristic. */
export function weaker(a: Semantics['kind'], b: Semantics['kind']): Semantics['kind'] {
  return STRENGTH[a] <= STRENGTH[b] ? a : b;
}

/** Adds facts under `providerMetadata.plusx`, keeping what is there. */
export function annotate(sample: Sample, facts: { readonly [key: string]: Json | undefined }): Sample {
  return {
    ...sample,
    providerMetadata: { ...sample.providerMetadata, plusx: { ...sample.providerMetadata?.plusx, ...facts } },
  };
}

/** Facts about how an answer came about, under `providerMetadata.plusx`. */
export type Facts = { readonly [key: string]: Json | undefined };
