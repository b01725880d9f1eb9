/** What comes back: candidates, usage, log-probabilities. Unknown stays unknown. */
import {
  MalformedReply,
  type Candidate,
  type Content,
  type FinishReason,
  type Json,
  type Reply,
  type TokenLogprob,
  type Warning,
} from '../../core/index.ts';
import type { Wire } from './messages.ts';
import { usageOf, type ModelPrice } from './usage.ts';

export interface ReplyOptions {
  /** The URL that may be shown. */
  readonly shown: string;
  /** The key under which the server's own facts stand in `providerMetadata`. */
  readonly provider: string;
  /** The body that was sent. */
  readonly sent: Wire;
  readonly price: ModelPrice | undefined;
  /** Whether the server's own bill counts, where it sends one. */
  readonly billed?: boolean | undefined;
  /** The text every candidate continues. */
  readonly prefix?: string | undefined;
}

export interface WireToolCall {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly function?: { readonly name?: string | undefined; readonly arguments?: string | undefined } | undefined;
}
export interface WireMessage {
  readonly content?: string | null | undefined;
  readonly reasoning_content?: string | null | undefined;
  readonly reasoning?: string | null | undefined;
  readonly refusal?: string | null | undefined;
  readonly tool_calls?: readonly WireToolCall[] | null | undefined;
}
export interface WireChoice {
  readonly index?: number | undefined;
  readonly message?: WireMessage | undefined;
  readonly delta?: WireMessage | undefined;
  readonly text?: string | undefined;
  readonly finish_reason?: string | null | undefined;
  /** What ended a text that was given stop sequences: the sequence, or else the model (vLLM; the other one is SGLang's). */
  readonly stop_reason?: string | number | null | undefined;
  readonly matched_stop?: string | number | null | undefined;
  readonly logprobs?: Wire | null | undefined;
}
export interface WireReply {
  readonly model?: string | undefined;
  readonly system_fingerprint?: string | null | undefined;
  readonly choices?: readonly WireChoice[] | undefined;
  readonly usage?: Wire | null | undefined;
  readonly [field: string]: unknown;
}

/** A whole, unstreamed reply. */
export function replyOf(body: unknown, options: ReplyOptions): Reply {
  const { choices } = asReply(body, options.shown);
  const warnings: Warning[] = [];
  const candidates = [...choices]
    .sort((a, b) => (a.index ?? 0) - (b.index ?? 0))
    .map((choice) => {
      const message = choice.message ?? { content: choice.text };
      return candidateOf(
        { message, finish: finishIn(choice, options.sent), logprobs: choice.logprobs },
        body as WireReply,
        options,
        (one) => warnings.push(one),
      );
    });
  return { candidates, usage: usageOf((body as WireReply).usage, options), warnings };
}

export function asReply(body: unknown, shown: string): WireReply & { readonly choices: readonly WireChoice[] } {
  const reply = body as WireReply | null;
  if (typeof reply !== 'object' || reply === null || !Array.isArray(reply.choices))
    throw new MalformedReply({ url: shown, why: 'no list of choices', body: JSON.stringify(body) });
  return reply as WireReply & { choices: WireChoice[] };
}

export function candidateOf(
  {
    message,
    finish,
    logprobs,
  }: { message: WireMessage; finish: string | null | undefined; logprobs: Wire | null | undefined },
  { model, system_fingerprint: systemFingerprint }: Pick<WireReply, 'model' | 'system_fingerprint'>,
  { shown, provider, sent, prefix = '' }: ReplyOptions,
  warn: (warning: Warning) => void,
): Candidate {
  const reasoning = message.reasoning_content ?? message.reasoning;
  const calls = message.tool_calls ?? [];
  const spoken = message.content ?? message.refusal ?? '';
  const text = prefix + spoken;
  const content: Content[] = [];
  if (reasoning) content.push({ type: 'reasoning', text: reasoning });
  if (text !== '' || calls.length === 0) content.push({ type: 'text', text });
  for (const [i, call] of calls.entries()) {
    if (call.function?.name === undefined)
      throw new MalformedReply({ url: shown, why: 'a tool call without a name', body: JSON.stringify(call) });
    const input = call.function.arguments || '{}';
    content.push({ type: 'tool-call', toolCallId: call.id || `call-${i}`, toolName: call.function.name, input });
  }
  const tokens = tokensIn(logprobs);
  if (sent['logprobs'] !== undefined && !tokens)
    warn({ code: 'logprobs-missing', message: `${String(sent['model'])} sent no log-probabilities` });
  const plain = !reasoning && calls.length === 0 && !prefix;
  const logprob = tokens && plain ? ownLogprob(tokens, sent, warn) : undefined;
  const facts: { [key: string]: Json } = {};
  if (model !== undefined) facts['model'] = model;
  if (systemFingerprint) facts['systemFingerprint'] = systemFingerprint;
  return {
    content,
    finish: finishOf(finish, calls.length > 0),
    ...(tokens && { tokens }),
    ...(logprob !== undefined && { logprob }),
    ...(Object.keys(facts).length > 0 && { providerMetadata: { [provider]: facts } }),
  };
}

const FINISH: { readonly [raw: string]: FinishReason['unified'] } = {
  stop: 'stop',
  'stop-sequence': 'stop',
  stop_sequence: 'stop',
  end: 'stop',
  eos_token: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  error: 'error',
};

/** The word for how a text ended: a plain `stop` is made clear where a server says whether it met a stop sequence. */
export function finishIn(choice: WireChoice, sent: Wire): string | null | undefined {
  const { finish_reason: finish, stop_reason: stopped = choice.matched_stop } = choice;
  if (finish !== 'stop' || sent['stop'] === undefined || stopped === undefined) return finish;
  return typeof stopped === 'string' ? 'stop-sequence' : 'end';
}

/** Some servers end a tool call with `stop`. */
function finishOf(raw: string | null | undefined, calls: boolean): FinishReason {
  const unified = FINISH[raw ?? ''] ?? 'other';
  return { unified: calls && unified === 'stop' ? 'tool-calls' : unified, raw: raw ?? undefined };
}

/** Tokens of a chat reply or a completions reply. */
export function tokensIn(logprobs: Wire | null | undefined): TokenLogprob[] | undefined {
  if (!logprobs) return undefined;
  const { content, tokens, token_logprobs: values, top_logprobs: tops } = logprobs;
  if (Array.isArray(content) && content.length > 0)
    return (content as ChatToken[]).map(({ token, logprob, top_logprobs: top }) => ({
      token,
      logprob,
      ...(top && top.length > 0 && { alternatives: top.map(({ token, logprob }) => ({ token, logprob })) }),
    }));
  if (!Array.isArray(tokens) || !Array.isArray(values) || tokens.length === 0) return undefined;
  return (tokens as string[]).map((token, i) => {
    const top: unknown = Array.isArray(tops) ? tops[i] : undefined;
    const alternatives = Object.entries((top ?? {}) as { [token: string]: number }).map(([token, logprob]) => ({
      token,
      logprob,
    }));
    return {
      token,
      logprob: (values[i] as number | null) ?? Number.NaN,
      ...(alternatives.length > 0 && { alternatives }),
    };
  });
}

interface ChatToken {
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[] | undefined;
}

/** Settings under which the model's own distribution is sampled, so that what a server reports is what it drew by. */
const NEUTRAL: { readonly [field: string]: readonly unknown[] } = {
  temperature: [1],
  top_p: [1],
  top_k: [0, -1],
  min_p: [0],
  presence_penalty: [0],
  frequency_penalty: [0],
  repetition_penalty: [1],
};
const SHAPING = [
  'response_format',
  'logit_bias',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'grammar',
  'structured_outputs',
];

/**
 * The log-probability of what was drawn. Servers report the model's own, before temperature and cuts; where those are
 * not neutral the number asked for is another one, which nobody sends: it stays unknown, and the tokens tell the rest.
 */
function ownLogprob(tokens: readonly TokenLogprob[], sent: Wire, warn: (warning: Warning) => void): number | undefined {
  const shaped = [
    ...Object.keys(NEUTRAL).filter((field) => sent[field] !== undefined && !NEUTRAL[field]?.includes(sent[field])),
    ...SHAPING.filter((field) => sent[field] !== undefined),
  ];
  if (shaped.length > 0) {
    warn({
      code: 'logprob-unknown',
      message: `${String(sent['model'])} reports log-probabilities before ${shaped.join(', ')}: samples carry those of their tokens, but none of their own`,
    });
    return undefined;
  }
  const sum = tokens.reduce((total, { logprob }) => total + logprob, 0);
  return Number.isFinite(sum) ? sum : undefined;
}
