/** Chunks of a stream, as the AI SDK's stream parts and, at the end, the whole candidate. */
import { MalformedReply, type BackendStreamPart, type Content, type Warning } from '../../core/index.ts';
import { callsOf } from './replies/calls.ts';
import { finishIn } from './replies/finish.ts';
import { plain, tokensIn, type WireToken } from './replies/logprobs.ts';
import { saidIn } from './replies/message.ts';
import { candidateOf, hasEnded, idsIn, refusal, type ReplyOptions } from './reply.ts';
import { cutterOf, stopsOf } from './replies/stops.ts';
import { usageOf } from './replies/usage.ts';
import { object, objects, spoken, whole, type Wire } from './wire.ts';

type Kind = 'text' | 'reasoning';

/**
 * Reads chunks to the end. A stream that breaks off before it says why it ends is an error, also where `[DONE]` stands: all servers
 * in docs/measurements/servers.md name a reason, some send no `[DONE]`, and a gateway may send one behind half a text. Calls of tools need no
 * reason: it shows whether they are whole.
 */
export async function* streamParts(
  chunks: AsyncIterable<Wire>,
  options: ReplyOptions,
): AsyncGenerator<BackendStreamPart> {
  const said: { [kind in Kind]: string | undefined } = { text: undefined, reasoning: undefined };
  const cutter = cutterOf(stopsOf(options.sent));
  const calls = callsOf(options.shown, idsIn(options.sent));
  const tokens: WireToken[] = [];
  const files: Content[] = [];
  const unread: string[] = [];
  /** Tokens of text that is held back. */
  let waiting: WireToken[] = [];
  let open: { readonly kind: Kind; readonly id: string } | undefined;
  let parts = 0;
  let isRefusal = false;
  let finish: string | undefined;
  let usage: Wire | undefined;
  let head: Wire = {};

  const end = function* (): Generator<BackendStreamPart> {
    if (open) yield { type: `${open.kind}-end`, id: open.id };
    open = undefined;
  };
  const say = function* (kind: Kind, delta: string, written: readonly WireToken[]): Generator<BackendStreamPart> {
    if (delta === '') return;
    if (open?.kind !== kind) {
      yield* end();
      open = { kind, id: `${kind}-${parts++}` };
      yield { type: `${kind}-start`, id: open.id };
    }
    const marks = kind === 'text' && isRefusal ? refusal(options.provider) : {};
    yield {
      type: `${kind}-delta`,
      id: open.id,
      delta,
      ...marks,
      ...(written.length > 0 && { tokens: written.map(plain) }),
    };
  };

  for await (const chunk of chunks) {
    if (spoken(chunk['model']) !== undefined) head = chunk;
    usage = usageIn(chunk) ?? usage;
    const choice = firstOf(chunk);
    if (!choice) continue;
    // A server that does not stream sends one whole message.
    const delta = object(choice['delta']) ?? object(choice['message']) ?? { content: choice['text'] };
    const piece = saidIn(delta, options.shown);
    const written = tokensIn(choice['logprobs']) ?? []; // of the chunk, which is of one kind but where nothing is streamed
    tokens.push(...written);
    if (piece.reasoning !== undefined) {
      said.reasoning = (said.reasoning ?? '') + piece.reasoning;
      yield* say('reasoning', piece.reasoning, piece.text ? [] : written);
    }
    if (piece.text !== undefined) {
      isRefusal ||= piece.isRefusal === true;
      said.text = (said.text ?? '') + piece.text;
      waiting.push(...written);
      const shown = cutter.add(piece.text);
      yield* say('text', shown, shown === '' || cutter.met ? [] : waiting);
      if (shown !== '') waiting = [];
    }
    files.push(...piece.files);
    unread.push(...piece.unread);
    if (piece.calls.length > 0) {
      yield* say('text', cutter.rest(), waiting);
      yield* end();
      yield* calls.take(piece.calls);
    }
    finish = finishIn(choice, options.sent) ?? finish;
  }
  if (finish === undefined && !calls.areWhole())
    throw new MalformedReply({
      url: options.shown,
      why: 'the stream broke off before its end',
      body: said.text ?? said.reasoning ?? '(nothing had come)',
    });
  yield* say('text', cutter.rest(), waiting);
  yield* end();
  for (const one of files) if (one.type !== 'text' && one.type !== 'reasoning') yield one;
  yield* calls.end();
  const warnings: Warning[] = [];
  const read = {
    said: { ...said, files, calls: calls.whole(), unread, isRefusal },
    finish,
    tokens: tokens.length > 0 ? tokens : undefined,
  };
  const candidate = candidateOf(read, head, options, (one) => warnings.push(one));
  const uncounted = options.countsEnd === false && hasEnded(candidate, options.sent) ? 1 : 0;
  yield { type: 'reply', candidate, usage: usageOf(usage, options, { outputTokens: 0, uncounted }), warnings };
}

/** The choice with the number 0, or the only one. */
function firstOf(chunk: Wire): Wire | undefined {
  const choices = objects(chunk['choices']) ?? [];
  return choices.find(({ index }) => (whole(index) ?? 0) === 0) ?? (choices.length === 1 ? choices[0] : undefined);
}

/** The chunks among a stream's events; `check` throws where one is an error. */
export async function* chunksOf(
  events: AsyncIterable<string>,
  shown: string,
  check: (chunk: unknown) => void,
): AsyncGenerator<Wire> {
  for await (const data of events) {
    if (data === '[DONE]') return;
    let chunk: unknown;
    try {
      chunk = JSON.parse(data);
    } catch {
      throw new MalformedReply({ url: shown, why: 'an event that is not JSON', body: data });
    }
    check(chunk);
    const fields = object(chunk);
    if (fields) yield fields;
  }
}

/** Usage stands in the last chunk, in its choice, or where one server keeps its own facts. */
function usageIn(chunk: Wire): Wire | undefined {
  const inside = (objects(chunk['choices']) ?? []).map((choice) => object(choice['usage']));
  return object(chunk['usage']) ?? object(object(chunk['x_groq'])?.['usage']) ?? inside.find(Boolean);
}
