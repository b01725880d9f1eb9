/**
 * The one idea: a model is a distribution over answers that can be sampled, and a technique is a function from model
 * to model. Everything else in plusx keeps these two sentences true.
 */
import type { Context } from './context/context.ts';
import type {
  Content,
  FinishReason,
  Json,
  Message,
  ProviderData,
  ResponseFormat,
  Tool,
  ToolChoice,
  ProviderTool,
} from './message.ts';
import type { Prompts } from './technique/prompt.ts';
import type { Usage } from './accounts/usage.ts';

/** A distribution over answers, given a request. */
export interface Model {
  /** The formula: `tiny + stepBack + bestOfN(n=8)`. It parses back to the same model. */
  readonly name: string;
  readonly can: Capabilities;
  /** Its own wording for what techniques say to it; what a technique makes of a model speaks like its base. */
  readonly prompts?: Prompts | undefined;
  /** Draws `request.n` candidates (fewer only when a budget ran out, and then `exhausted` says so). */
  sample(request: Request, context: Context): Promise<Sampled>;
  /** Draws one candidate and yields it as it is written. The last part is `finish`. */
  stream?(request: Request, context: Context): AsyncIterable<StreamPart>;
  /** Draws candidates whose text starts with `prefix`; the samples hold the prefix too. Only where `can.continueFrom`. */
  continueFrom?(request: Request, prefix: string, context: Context): Promise<Sampled>;
  /** Log-probability in nats of `text` as the answer to `request`. Only where `can.score`. */
  score?(request: Request, text: string, context: Context): Promise<Scored>;
  /** Opens the next-token process. Only where `can.next`. */
  open?(request: Request, context: Context): Promise<Process>;
}

/** X in P_lm+X: what a technique is once its options are given. */
export type Transform = (base: Model) => Model;

/** What a model can do beyond being sampled, from the least (one opaque answer) to the whole next-token process. */
export interface Capabilities {
  /** Samples carry the log-probability of their own tokens. */
  readonly logprobs: boolean;
  readonly continueFrom: boolean;
  readonly score: boolean;
  readonly next: boolean;
  /** How many calls it pays to have in flight at once: `Infinity` for a server, 1 for a model computed in this thread. */
  readonly concurrency: number;
}

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

/** The next-token process as an immutable value: pushing a token gives a new state and leaves the old one usable. */
export interface Process {
  /** Text of each token. */
  readonly vocabulary: readonly string[];
  /** Index of the token that ends the text. */
  readonly end: number;
  /** Tokens of the prompt that was read to open it, where that is known. */
  readonly inputTokens?: number | undefined;
  /** Log-probabilities in nats over the vocabulary. */
  next(): Promise<Float64Array>;
  push(token: number): Promise<Process>;
}

interface StreamedPart {
  readonly id: string;
  /** Of a delta: the tokens it is written with, where log-probabilities were asked for. */
  readonly tokens?: readonly TokenLogprob[] | undefined;
  readonly providerMetadata?: ProviderData | undefined;
}

/** The AI SDK's stream parts that a model may yield; `finish` also carries the whole sample. */
export type StreamPart =
  | (StreamedPart & { readonly type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end' })
  | (StreamedPart & { readonly type: 'text-delta' | 'reasoning-delta'; readonly delta: string })
  | { readonly type: 'tool-input-start'; readonly id: string; readonly toolName: string }
  | { readonly type: 'tool-input-delta'; readonly id: string; readonly delta: string }
  | { readonly type: 'tool-input-end'; readonly id: string }
  | Exclude<Content, { type: 'text' } | { type: 'reasoning' }>
  | { readonly type: 'finish'; readonly sampled: Sampled };

/** Composes: `plus(model, a, b)` is `b(a(model))`. `plus(model)` is the model itself. */
export function plus(model: Model, ...transforms: readonly Transform[]): Model {
  return transforms.reduce((base, transform) => transform(base), model);
}

/** The capability of a model that can be sampled and nothing else: what most techniques leave of their base. */
export function sampleOnly({ concurrency }: Capabilities): Capabilities {
  return { logprobs: false, continueFrom: false, score: false, next: false, concurrency };
}

/** The greatest lower bound of two capabilities: what both can do. */
export function meet(a: Capabilities, b: Capabilities): Capabilities {
  return {
    logprobs: a.logprobs && b.logprobs,
    continueFrom: a.continueFrom && b.continueFrom,
    score: a.score && b.score,
    next: a.next && b.next,
    concurrency: Math.min(a.concurrency, b.concurrency),
  };
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
