/** Log-probabilities of what was drawn: of each token, and of the whole text where the tokens are known to be the text. */
import type { TokenLogprob, Warning } from '../../../core/index.ts';
import { list, logprobOf, object, text, type Wire } from '../wire.ts';

/** A token as it stands in a reply. `logprob` is NaN where the server gives none. */
export interface WireToken extends TokenLogprob {
  /** UTF-8, where the token alone is no whole character. */
  readonly bytes?: readonly number[] | undefined;
}

/** The tokens of a chat reply or a completions reply, drawn or given; none where the field is of no known form. */
export function tokensIn(logprobs: unknown, isDrawn = true): readonly WireToken[] | undefined {
  const fields = object(logprobs);
  const content = list(fields?.['content']);
  const found =
    content && content.length > 0 ? content.map((one) => chatToken(one, isDrawn)) : fields && listed(fields, isDrawn);
  return found && found.length > 0 && found.every((token) => token !== undefined) ? found : undefined;
}

function chatToken(value: unknown, isDrawn: boolean): WireToken | undefined {
  const fields = object(value);
  const token = text(fields?.['token']);
  if (fields === undefined || token === undefined) return undefined;
  const bytes = list(fields['bytes'])?.filter((byte) => typeof byte === 'number');
  const top = (list(fields['top_logprobs']) ?? []).flatMap((one) =>
    alternative(object(one)?.['token'], object(one)?.['logprob']),
  );
  return {
    token,
    logprob: logprobOf(fields['logprob'], isDrawn),
    ...(bytes && bytes.length > 0 && { bytes }),
    ...(top.length > 0 && { alternatives: top }),
  };
}

/** The lists of a completions reply, which run side by side. */
function listed(
  { tokens, token_logprobs: values, top_logprobs: tops }: Wire,
  isDrawn: boolean,
): (WireToken | undefined)[] | undefined {
  const logprobs = list(values);
  return list(tokens)?.map((value, i) => {
    const token = text(value);
    if (token === undefined || !logprobs) return undefined;
    const top = Object.entries(object(list(tops)?.[i]) ?? {}).flatMap(([other, logprob]) =>
      alternative(other, logprob),
    );
    return { token, logprob: logprobOf(logprobs[i], isDrawn), ...(top.length > 0 && { alternatives: top }) };
  });
}

function alternative(token: unknown, logprob: unknown): { token: string; logprob: number }[] {
  const value = logprobOf(logprob);
  return typeof token === 'string' && !Number.isNaN(value) ? [{ token, logprob: value }] : [];
}

/** Without what is needed at the border alone. */
export function plain({ bytes: _bytes, ...token }: WireToken): TokenLogprob {
  return token;
}

const SPECIAL = /^(?:<[^<>\s]+>|\[\/?[A-Z_]+\])$/;

/**
 * Whether the tokens are the text: one after the other they spell it, but for a last one that ends it. The first may
 * begin with a blank that the text has not, and what is no whole character may be written in another way.
 */
export function spell(tokens: readonly WireToken[], written: string): boolean {
  return spellAll(tokens, written) || (isEnd(tokens.at(-1)) && spellAll(tokens.slice(0, -1), written));
}

/** Whether the token that ends a text is among the tokens that are it. */
export function listsEnd(tokens: readonly WireToken[], written: string): boolean {
  return isEnd(tokens.at(-1)) && spellAll(tokens.slice(0, -1), written);
}

const isEnd = (last: WireToken | undefined): boolean =>
  last !== undefined && (last.token === '' || SPECIAL.test(last.token));

const DECODER = new TextDecoder();

function spellAll(tokens: readonly WireToken[], written: string): boolean {
  if (tokens.every(({ bytes }) => bytes)) {
    const exact = DECODER.decode(Uint8Array.from(tokens.flatMap(({ bytes }) => bytes ?? [])));
    if (isSame(exact, written)) return true;
  }
  return isSame(tokens.map(({ token }) => token).join(''), written) || loosely(tokens, written);
}

const isSame = (spelt: string, written: string): boolean =>
  spelt === written || (spelt.startsWith(' ') && !written.startsWith(' ') && spelt.slice(1) === written);

/** How servers write a token that is a piece of a character. */
const PIECE = /^(?:\uFFFD*|bytes:.*|(?:<0x[0-9A-F]{2}>)+)$/;

/** The tokens in their order, with other characters only where pieces of characters stand. */
function loosely(tokens: readonly WireToken[], written: string): boolean {
  let at = 0;
  let open = false;
  for (const { token } of tokens) {
    if (PIECE.test(token) || token.includes('\uFFFD')) {
      open = true;
      continue;
    }
    if (open) while (at < written.length && !written.startsWith(token, at) && written.charCodeAt(at) > 0x7f) at++;
    if (!written.startsWith(token, at)) return false;
    at += token.length;
    open = false;
  }
  if (open) while (at < written.length && written.charCodeAt(at) > 0x7f) at++;
  return at === written.length;
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
  repeat_penalty: [1],
  typical_p: [1],
  dry_multiplier: [0],
  xtc_probability: [0],
  mirostat: [0],
  mirostat_mode: [0],
  top_n_sigma: [-1],
  dynatemp_range: [0],
};
const SHAPING = [
  'response_format',
  'json_schema',
  'logit_bias',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'grammar',
  'structured_outputs',
];

export interface Drawn {
  /** All that the tokens should spell: the whole text of the reply. */
  readonly written: string;
  readonly sent: Wire;
  /** Whether the server samples from the model's own distribution where nothing is sent. */
  readonly neutral: boolean;
  /** Whether the token that ends the text must be among the others. */
  readonly needsEnd?: boolean | undefined;
  /** Whether the last token may be a part of the one that was drawn, with the log-probability of all of it. */
  readonly mayBeCut?: boolean | undefined;
}

/**
 * The log-probability of what was drawn. Servers report the model's own, before temperature and cuts; where those are
 * not neutral the number asked for is another one, which nobody sends. It stays unknown, and the tokens tell the rest.
 */
export function ownLogprob(
  tokens: readonly WireToken[],
  { written, sent, neutral, needsEnd, mayBeCut }: Drawn,
  warn: (warning: Warning) => void,
): number | undefined {
  const unknown = (why: string): undefined => {
    warn({
      code: 'logprob-unknown',
      message: `${String(sent['model'])} ${why}: samples carry the log-probabilities of their tokens, but none of their own`,
    });
    return undefined;
  };
  const shaped = [
    ...Object.keys(NEUTRAL).filter((field) => sent[field] !== undefined && !NEUTRAL[field]?.includes(sent[field])),
    ...SHAPING.filter((field) => sent[field] !== undefined),
  ];
  if (shaped.length > 0) return unknown(`reports log-probabilities before ${shaped.join(', ')}`);
  if (sent['temperature'] === undefined && !neutral)
    return unknown('samples at a temperature of its own where none is asked for');
  if (tokens.some(({ logprob }) => Number.isNaN(logprob))) return unknown('sends tokens without a log-probability');
  if (!spell(tokens, written)) return unknown('sends log-probabilities of tokens that do not spell the text');
  if (mayBeCut) return unknown('may have cut its last token at a stop sequence');
  if (needsEnd && !listsEnd(tokens, written))
    return unknown('streams no log-probability of the token that ends a text');
  return tokens.reduce((total, { logprob }) => total + logprob, 0);
}
