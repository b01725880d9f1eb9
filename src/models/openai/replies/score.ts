/** Log-probability of a given text: the server reads it as if it had written it, and says how likely each token was. */
import { byteLength, MalformedReply, type TokenLogprob } from '../../../core/index.ts';
import { plain, tokensIn, type WireToken } from './logprobs.ts';
import { choicesIn } from '../reply.ts';
import { excerpt, list, logprobOf, object, text as textField, whole, type Wire } from '../wire.ts';

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
  const messages = [...(list(body['messages']) ?? []), { role: 'assistant', content: prefix }];
  return way === 'trailing' ? { messages } : { messages, add_generation_prompt: false, continue_final_message: true };
}

/** The tokens of `text` in the answer. An error where they cannot be told from the prompt's. */
export function scoreOf(
  reply: unknown,
  { text, prompt, shown }: { readonly text: string; readonly prompt: string; readonly shown: string },
  way: 'echo' | 'prompt_logprobs',
): { readonly logprob: number; readonly tokens: readonly TokenLogprob[] } {
  const tokens = way === 'echo' ? echoed(reply, text, prompt, shown) : listed(reply, text, shown);
  return { tokens, logprob: tokens.reduce((sum, { logprob }) => sum + logprob, 0) };
}

/** What servers count offsets in. Most count characters; a program in another language may count otherwise. */
const UNITS: readonly ((text: string) => number)[] = [
  (text) => Array.from(text).length,
  (text) => text.length,
  (text) => byteLength(text),
];

function echoed(reply: unknown, text: string, prompt: string, shown: string): TokenLogprob[] {
  const { reply: fields, choices } = choicesIn(reply, shown);
  const logprobs = object(choices[0]?.['logprobs']);
  const tokens = tokensIn(logprobs, false);
  const offsets = (list(logprobs?.['text_offset']) ?? []).flatMap((offset) => whole(offset) ?? []);
  if (!tokens || offsets.length !== tokens.length) throw unscored(shown, 'no log-probabilities of the prompt', reply);
  if (text === '') return [];
  // One token was asked for, and it is no part of the text, whatever its offset.
  const drawn = whole(object(fields['usage'])?.['completion_tokens']) === 0 ? 0 : 1;
  for (const lengthOf of UNITS) {
    const found = between(tokens, offsets, { start: lengthOf(prompt), end: lengthOf(prompt + text), text, drawn });
    if (found) return checked(found, shown, reply);
  }
  throw unscored(shown, 'a token reaches across the end of the prompt', reply);
}

/** The tokens from `start` to `end`, where tokens begin and end just there. */
function between(
  tokens: readonly WireToken[],
  offsets: readonly number[],
  { start, end, text, drawn }: { start: number; end: number; text: string; drawn: number },
): readonly WireToken[] | undefined {
  let first = offsets.findIndex((offset) => offset >= start);
  // Pieces of a character that is not whole yet are empty: before a plain letter they are the prompt's last character.
  if (text.charCodeAt(0) < 0x80) while (tokens[first]?.token === '') first++;
  const last = tokens.length - drawn;
  if (first === -1 || first >= last || offsets[first] !== start) return undefined;
  if (drawn === 1 && offsets[last] !== end) return undefined;
  return tokens.slice(first, last);
}

/** vLLM's list has one entry a token of the prompt, the chat format's included; the text is what its end spells. */
function listed(reply: unknown, text: string, shown: string): TokenLogprob[] {
  const entries = list(choicesIn(reply, shown).reply['prompt_logprobs']);
  if (!entries) throw unscored(shown, 'no log-probabilities of the prompt', reply);
  const found: TokenLogprob[] = [];
  let left = text;
  // The pieces of a character that is not whole yet are empty, and stand before it.
  const leadsIn = text.charCodeAt(0) >= 0x80;
  for (let i = entries.length - 1; i >= 0; i--) {
    if (left === '' && !leadsIn) break;
    // Where more than the prompt's own token stands there, its text tells which it is.
    const fitting = Object.values(object(entries[i]) ?? {}).flatMap((entry) => {
      const fields = object(entry);
      const token = textField(fields?.['decoded_token']);
      return token !== undefined && left.endsWith(token)
        ? [{ token, logprob: logprobOf(fields?.['logprob'], false) }]
        : [];
    });
    const [token, other] = fitting.sort((a, b) => b.token.length - a.token.length);
    if (!token || token.token.length === other?.token.length) break;
    left = left.slice(0, left.length - token.token.length);
    found.unshift(token);
  }
  if (left !== '') throw unscored(shown, 'the end of the prompt is not the text', reply);
  return checked(found, shown, reply);
}

function checked(tokens: readonly WireToken[], shown: string, reply: unknown): TokenLogprob[] {
  if (tokens.every(({ logprob }) => Number.isFinite(logprob))) return tokens.map(plain);
  throw unscored(shown, 'a token without a log-probability', reply);
}

const unscored = (shown: string, why: string, reply: unknown): MalformedReply =>
  new MalformedReply({ url: shown, why: `it cannot score: ${why}`, body: excerpt(reply) });
