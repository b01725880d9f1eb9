/** Log-probability of a given text: the server reads it as if it had written it, and says how likely each token was. */
import { MalformedReply, type TokenLogprob } from '../../core/index.ts';
import type { Wire } from './messages.ts';
import { asReply, tokensIn } from './reply.ts';

/** What to send so that the server scores `text` as the answer. One token more is drawn: not all servers draw none. */
export function scoreBody(body: Wire, text: string, way: 'echo' | 'prompt_logprobs', maxTokens: string): Wire {
  const common = { [maxTokens]: 1, temperature: 1 };
  if (way === 'echo')
    return { ...body, ...common, prompt: `${String(body['prompt'])}${text}`, echo: true, logprobs: 1 };
  const { logprobs: _logprobs, top_logprobs: _top, ...rest } = body;
  return { ...rest, ...common, ...continuing(rest, text), prompt_logprobs: 0 };
}

/** The fields of a chat request that goes on from the start of an answer. */
export function continuing(
  body: Wire,
  prefix: string,
  way: 'continue_final_message' | 'trailing' = 'continue_final_message',
): Wire {
  const messages = [...(body['messages'] as Wire[]), { role: 'assistant', content: prefix }];
  return way === 'trailing' ? { messages } : { messages, add_generation_prompt: false, continue_final_message: true };
}

/** The tokens of `text` in the answer. An error where they cannot be told from the prompt's. */
export function scoreOf(
  reply: unknown,
  { text, promptLength, shown }: { readonly text: string; readonly promptLength: number; readonly shown: string },
  way: 'echo' | 'prompt_logprobs',
): { readonly logprob: number; readonly tokens: readonly TokenLogprob[] } {
  const tokens = way === 'echo' ? echoed(reply, text, promptLength, shown) : listed(reply, text, shown);
  return { tokens, logprob: tokens.reduce((sum, { logprob }) => sum + logprob, 0) };
}

function echoed(reply: unknown, text: string, promptLength: number, shown: string): TokenLogprob[] {
  const logprobs = asReply(reply, shown).choices[0]?.logprobs;
  const tokens = tokensIn(logprobs);
  const offsets = logprobs?.['text_offset'];
  if (!tokens || !Array.isArray(offsets)) throw unscored(shown, 'no log-probabilities of the prompt', reply);
  const end = promptLength + text.length;
  const inside = tokens.filter((_, i) => (offsets[i] as number) >= promptLength && (offsets[i] as number) < end);
  const first = offsets.find((offset: number) => offset >= promptLength) as number | undefined;
  if (text !== '' && first !== promptLength)
    throw unscored(shown, 'a token reaches across the end of the prompt', reply);
  return checked(inside, shown, reply);
}

interface PromptToken {
  readonly logprob: number;
  readonly rank?: number | undefined;
  readonly decoded_token?: string | undefined;
}

/** vLLM's list has one entry a token of the prompt, the chat format's included; the text is what its end spells. */
function listed(reply: unknown, text: string, shown: string): TokenLogprob[] {
  const { prompt_logprobs: entries } = asReply(reply, shown);
  if (!Array.isArray(entries)) throw unscored(shown, 'no log-probabilities of the prompt', reply);
  const found: TokenLogprob[] = [];
  let spelt = '';
  for (let i = entries.length - 1; i >= 0 && spelt.length < text.length; i--) {
    const [token] = Object.values((entries[i] ?? {}) as { [id: string]: PromptToken });
    if (token?.decoded_token === undefined) break;
    spelt = token.decoded_token + spelt;
    found.unshift({ token: token.decoded_token, logprob: token.logprob });
  }
  if (spelt !== text) throw unscored(shown, 'the end of the prompt is not the text', reply);
  return checked(found, shown, reply);
}

function checked(tokens: TokenLogprob[], shown: string, reply: unknown): TokenLogprob[] {
  if (tokens.every(({ logprob }) => Number.isFinite(logprob))) return tokens;
  throw unscored(shown, 'a token without a log-probability', reply);
}

const unscored = (shown: string, why: string, reply: unknown): MalformedReply =>
  new MalformedReply({ url: shown, why: `it cannot score: ${why}`, body: JSON.stringify(reply) });
