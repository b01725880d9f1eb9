/** Samples as a chat completion. */
import type { Content, FinishReason, Model, Sample, Sampled, TokenLogprob } from '../../core/index.ts';
import { messagesOf, SHAPES, type Dialect, type Wire } from '../../models/openai/protocol/index.ts';
import { chatUsage } from '../account.ts';
import type { Generation } from '../generation.ts';
import type { Asked } from './request.ts';

export interface Told {
  /** The id of the model as the client wrote it. */
  readonly model: string;
  readonly composed: Model;
  readonly asked: Pick<Asked, 'logprobs'>;
  readonly generation: Generation;
}

export function completionOf(sampled: Sampled, { model, composed, asked, generation }: Told): Wire {
  const usage = chatUsage(generation.context.ledger.usage, generation.span());
  return {
    id: `chatcmpl-${generation.id}`,
    object: 'chat.completion',
    created: generation.created,
    model,
    choices: sampled.samples.map((sample, index) => ({
      index,
      message: messageOf(sample),
      logprobs: asked.logprobs === undefined ? null : logprobsOf(sample.tokens, asked.logprobs),
      finish_reason: finishWord(sample.finish),
    })),
    ...(usage && { usage }),
    plusx: generation.facts(composed, warned(sampled, asked, composed), usage !== undefined),
  };
}

/** With a word about it where log-probabilities were asked for and an answer has none. */
export function warned(sampled: Sampled, { logprobs }: Pick<Asked, 'logprobs'>, { name }: Model): Sampled {
  const code = 'logprobs-missing';
  if (logprobs === undefined || sampled.samples.every(({ tokens }) => tokens)) return sampled;
  if (sampled.warnings.some((one) => one.code === code)) return sampled;
  const message = `${name} gave no log-probabilities with its answer`;
  return { ...sampled, warnings: [...sampled.warnings, { code, message }] };
}

/** How replies of this server are written: thoughts stand where most clients look for them. */
const OURS: Dialect = {
  name: 'plusx',
  provider: 'plusx',
  quirks: { reasoningField: 'reasoning_content' },
  shape: SHAPES[0] as Dialect['shape'],
  warn() {},
};

function messageOf({ content }: Sample): Wire {
  const parts = content.flatMap((part) =>
    part.type === 'text' || part.type === 'reasoning' || part.type === 'tool-call' ? [bare(part)] : [],
  );
  const [message = {}] = messagesOf([{ role: 'assistant', content: parts }], OURS);
  return isRefusal(content)
    ? { ...message, content: null, refusal: message['content'] }
    : { ...message, refusal: null };
}

function bare(part: Extract<Content, { type: 'text' } | { type: 'reasoning' } | { type: 'tool-call' }>) {
  return part.type === 'tool-call'
    ? { type: part.type, toolCallId: part.toolCallId, toolName: part.toolName, input: part.input }
    : { type: part.type, text: part.text };
}

/** Whether an answer is a refusal to answer, as the server behind it said. */
const isRefusal = (content: readonly Content[]): boolean => content.some(marksRefusal);

export const marksRefusal = ({ providerMetadata }: Pick<Content, 'providerMetadata'>): boolean =>
  Object.values(providerMetadata ?? {}).some((facts) => facts['refusal'] === true);

/** The words of the protocol for why a text ended. */
export function finishWord({ unified }: FinishReason): string {
  switch (unified) {
    case 'length':
      return 'length';
    case 'content-filter':
      return 'content_filter';
    case 'tool-calls':
      return 'tool_calls';
    default:
      return 'stop';
  }
}

/** Tokens with what was likely instead; `null` where the model sent none. */
export function logprobsOf(tokens: readonly TokenLogprob[] | undefined, top: number): Wire | null {
  if (!tokens) return null;
  return {
    content: tokens.map(({ token, logprob, alternatives = [] }) => ({
      ...tokenOf({ token, logprob }),
      top_logprobs: alternatives.slice(0, top).map(tokenOf),
    })),
    refusal: null,
  };
}

/** What servers write for a probability of 0: JSON has no infinity. */
const FLOOR = -9999;

function tokenOf({ token, logprob }: { readonly token: string; readonly logprob: number }): Wire {
  // A token that is a piece of a character has lost its bytes on the way.
  const bytes = token.includes('\uFFFD') ? null : [...new TextEncoder().encode(token)];
  return { token, logprob: Number.isFinite(logprob) ? logprob : FLOOR, bytes };
}
