/** What comes back: candidates, usage, log-probabilities. Unknown stays unknown. */
import {
  MalformedReply,
  stopSequenceAt,
  type Candidate,
  type Content,
  type Json,
  type ProviderData,
  type Reply,
  type Warning,
} from '../../core/index.ts';
import { createIds } from './replies/calls.ts';
import { isError } from '../http/index.ts';
import { finishIn, finishOf } from './replies/finish.ts';
import { ownLogprob, plain, tokensIn, type WireToken } from './replies/logprobs.ts';
import { saidIn, type Said } from './replies/message.ts';
import { stopsOf } from './replies/stops.ts';
import { shownIn, usageOf, type ModelPrice } from './replies/usage.ts';
import { excerpt, list, object, objects, spoken, text, whole, type Wire } from './wire.ts';

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
  /** Whether the token that ends a text is counted. Default true. */
  readonly countsEnd?: boolean | undefined;
  /**
   * Of a streamed reply: whether the token that ends a text must be among those with a log-probability, as some servers list it in
   * whole replies alone.
   */
  readonly streamed?: { readonly needsEnd: boolean } | undefined;
  /** Whether the server samples from the model's own distribution where nothing is sent. Default true. */
  readonly neutral?: boolean | undefined;
  /** The text every candidate continues. */
  readonly prefix?: string | undefined;
  /** Whether a reply repeats that text. Not given: it is told from the replies. */
  readonly repeatsPrefix?: boolean | undefined;
}

/** One candidate as it was read, streamed or not. */
export interface Read {
  readonly said: Said;
  readonly finish: string | undefined;
  readonly tokens: readonly WireToken[] | undefined;
}

/** A whole, unstreamed reply. */
export function replyOf(body: unknown, options: ReplyOptions): Reply {
  const { reply, choices } = choicesIn(body, options.shown);
  const warnings: Warning[] = [];
  const read = choices
    .map((choice, i) => ({ choice, at: whole(choice['index']) ?? i }))
    .sort((a, b) => a.at - b.at)
    .map(({ choice }) => readChoice(choice, options));
  const repeatsPrefix = repeated(read, options, (one) => warnings.push(one));
  const candidates = read.map((one) =>
    candidateOf(one, reply, { ...options, repeatsPrefix }, (warning) => warnings.push(warning)),
  );
  const shown = shownIn(
    candidates.map(({ tokens, finish }) => ({ tokens, isCutOff: finish.unified === 'length' })),
    options.sent,
  );
  const uncounted = options.countsEnd === false ? candidates.filter((one) => hasEnded(one, options.sent)).length : 0;
  return { candidates, usage: usageOf(reply['usage'], options, { ...shown, uncounted }), warnings };
}

/** The choices of a reply: a list of objects, without those that failed at the server; or an error. */
export function choicesIn(body: unknown, shown: string): { readonly reply: Wire; readonly choices: readonly Wire[] } {
  const reply = object(body);
  const choices = list(reply?.['choices']);
  if (!reply || !choices) throw new MalformedReply({ url: shown, why: 'no list of choices', body: excerpt(body) });
  const found = choices.map((one) => {
    const choice = object(one);
    if (choice) return choice;
    throw new MalformedReply({ url: shown, why: 'a choice that is no object', body: excerpt(one) });
  });
  return { reply, choices: found.filter((choice) => !isError(choice)) };
}

function readChoice(choice: Wire, { shown, sent }: ReplyOptions): Read {
  const message = object(choice['message']) ?? ('text' in choice ? { content: choice['text'] } : undefined);
  if (!message) throw new MalformedReply({ url: shown, why: 'a choice without a message', body: excerpt(choice) });
  return { said: saidIn(message, shown), finish: finishIn(choice, sent), tokens: tokensIn(choice['logprobs']) };
}

/** A shorter beginning may be said twice by chance. */
const TELLING = 8;

/** Whether the replies repeat the text they continue: said, or seen because all of them begin with it. */
function repeated(
  read: readonly Read[],
  { prefix = '', repeatsPrefix, sent }: ReplyOptions,
  warn: (warning: Warning) => void,
): boolean {
  if (prefix === '' || repeatsPrefix !== undefined) return repeatsPrefix === true;
  const seen = prefix.length >= TELLING && read.length > 0 && read.every(({ said }) => said.text?.startsWith(prefix));
  if (seen)
    warn({
      code: 'prefix-repeated',
      message: `${String(sent['model'])} repeats the text that its answer continues: it is counted once`,
    });
  return seen;
}

export function candidateOf(
  { said, finish: raw, tokens }: Read,
  reply: Wire,
  options: ReplyOptions,
  warn: (warning: Warning) => void,
): Candidate {
  const { shown, provider, sent } = options;
  const { reasoning, files, calls } = said;
  const { text: written, cut } = uncut(goneOn(said, options), sent, options.prefix, warn);
  const content: Content[] = [];
  if (reasoning) content.push({ type: 'reasoning', text: reasoning });
  if (written !== '' || (calls.length === 0 && files.length === 0))
    content.push({ type: 'text', text: written, ...(said.isRefusal && refusal(provider)) });
  content.push(...files);
  const ids = createIds(idsIn(sent));
  for (const [i, { id, name, input }] of calls.entries()) {
    if (name === undefined)
      throw new MalformedReply({ url: shown, why: 'a tool call without a name', body: excerpt(calls[i]) });
    content.push({ type: 'tool-call', toolCallId: ids(id ?? `call-${i}`), toolName: name, input: input || '{}' });
  }
  if (said.unread.length > 0)
    warn({
      code: 'part-unread',
      message: `${String(sent['model'])} sent parts of an unknown type, which are left out: ${[...new Set(said.unread)].join(', ')}`,
    });
  const known = tokens?.some(({ logprob }) => !Number.isNaN(logprob)) ? tokens : undefined;
  if (sent['logprobs'] !== undefined && !known)
    warn({ code: 'logprobs-missing', message: `${String(sent['model'])} sent no log-probabilities` });
  const isPlain = !reasoning && calls.length === 0 && files.length === 0 && !options.prefix;
  const finish = finishOf(cut && calls.length === 0 ? 'stop-sequence' : raw, calls.length > 0);
  const ended = hasEnded({ finish }, sent);
  const needsEnd = options.streamed?.needsEnd && ended;
  // llama.cpp streams the part of a token that stands before a stop sequence, with the log-probability of the whole token.
  const mayBeCut = options.streamed !== undefined && finish.unified === 'stop' && !ended;
  const drawn = { written, sent, neutral: options.neutral ?? true, needsEnd, mayBeCut };
  const logprob = known && isPlain ? ownLogprob(known, drawn, warn) : undefined;
  return {
    content,
    finish,
    ...(known && { tokens: known.map(plain) }),
    ...(logprob !== undefined && { logprob }),
    ...factsOf(reply, provider),
  };
}

/** Whether a text ended by itself, and surely not at a stop sequence. */
export function hasEnded({ finish: { unified, raw } }: Pick<Candidate, 'finish'>, { stop }: Wire): boolean {
  return unified === 'stop' && (stop === undefined || raw === 'end');
}

/** Ids of the calls that stand in the conversation already. */
export const idsIn = ({ messages }: Wire): readonly string[] =>
  (objects(messages) ?? []).flatMap((message) =>
    (objects(message['tool_calls']) ?? []).flatMap((call) => text(call['id']) ?? []),
  );

/** What marks a text as a refusal to answer. */
export const refusal = (provider: string): { readonly providerMetadata: ProviderData } => ({
  providerMetadata: { [provider]: { refusal: true } },
});

/** What was said, with the text it goes on from. */
function goneOn({ text: spokenNow = '' }: Said, { prefix = '', repeatsPrefix, shown }: ReplyOptions): string {
  if (prefix === '' || !repeatsPrefix) return prefix + spokenNow;
  if (spokenNow.startsWith(prefix)) return spokenNow;
  throw new MalformedReply({ url: shown, why: 'it does not go on from the text it was given', body: spokenNow });
}

/** The text up to the first stop sequence that the server left in it. */
function uncut(
  said: string,
  sent: Wire,
  prefix = '',
  warn: (warning: Warning) => void,
): { readonly text: string; readonly cut: boolean } {
  const at = stopSequenceAt(said, stopsOf(sent), prefix.length);
  if (at === -1) return { text: said, cut: false };
  warn({
    code: 'stop-left-in',
    message: `${String(sent['model'])} leaves a stop sequence in its text: it is cut there`,
  });
  return { text: said.slice(0, at), cut: true };
}

function factsOf(reply: Wire, provider: string): Pick<Candidate, 'providerMetadata'> {
  const facts: { [key: string]: Json } = {};
  const model = text(reply['model']);
  const systemFingerprint = spoken(reply['system_fingerprint']);
  if (model !== undefined) facts['model'] = model;
  if (systemFingerprint !== undefined) facts['systemFingerprint'] = systemFingerprint;
  return Object.keys(facts).length > 0 ? { providerMetadata: { [provider]: facts } } : {};
}
