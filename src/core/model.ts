/**
 * The one idea: a model is a distribution over answers that can be sampled, and a technique is a function from model
 * to model. Everything else in plusx keeps these two sentences true.
 */
import type { Context } from './context/context.ts';
import { DRAWS } from './bounds.ts';
import { InvalidOption, NoCandidates } from './errors.ts';
import type { Process } from './tokens/next-token.ts';
import type { Request, Sample, Sampled, Scored, TokenLogprob } from './sample.ts';
import type { Content, ProviderData } from './message.ts';
import type { Prompts } from './technique/prompt.ts';

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
  /**
   * Log-probability in nats of `text` as the answer to `request`. Only where `can.score`. Models that are computed here (embedded,
   * GGUF, written) score the text with its end, so that the probabilities of all texts sum to 1; where there are tokens, the last is spelt with nothing.
   * A server scores the text alone: no protocol has a way to name the end. So compare scores of one model, not of two; the sum
   * over `tokens` that are not empty is the same at both.
   */
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
  checkModel('plus', model);
  return transforms.reduce((base, transform, i) => {
    checkTransform(transform, i);
    return transform(base);
  }, model);
}

/** Refuses what is no model, in words for those whom no compiler tells. */
export function checkModel(where: string, model: unknown): void {
  if (typeof model === 'object' && model !== null && typeof (model as Partial<Model>).sample === 'function') return;
  throw new InvalidOption({ where, option: 'model', rule: 'must be a model, and comes first', value: model });
}

function checkTransform(transform: unknown, i: number): void {
  const refuse = (rule: string, hint: string): never => {
    throw new InvalidOption({ where: 'plus', option: `technique ${i + 1}`, rule, hint });
  };
  if (typeof transform === 'object' && transform !== null && 'sample' in transform)
    refuse('is a model', 'What combines models is a model already: ask it, or add a technique to it');
  if (typeof transform !== 'function') refuse('must be a technique', 'Such as plus(model, selfConsistency({ n: 5 }))');
  if ('definition' in (transform as object))
    refuse(
      'was not given its options',
      `Call it: ${(transform as { definition: { name: string } }).definition.name}()`,
    );
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

/** Draws one candidate, whatever number the request names. Throws NoCandidates where the model gives none. */
export async function drawOne(model: Model, request: Request, context: Context): Promise<Sample> {
  const [sample] = (await model.sample({ ...request, n: 1 }, context)).samples;
  if (!sample) throw new NoCandidates({ technique: model.name, why: 'none came back' });
  return sample;
}

/** Refuses a number of draws that is none, or that no run ends with. */
export function checkDraws(where: string, n: number): void {
  if (Number.isInteger(n) && n >= 0 && n <= DRAWS) return;
  throw new InvalidOption({ where, option: 'n', rule: `must be an integer of at most ${DRAWS}`, value: n });
}
