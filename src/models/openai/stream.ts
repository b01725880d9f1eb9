/** Chunks of a stream, as the AI SDK's stream parts and, at the end, the whole candidate. */
import { MalformedReply, type BackendStreamPart, type TokenLogprob, type Warning } from '../../core/index.ts';
import {
  candidateOf,
  finishIn,
  tokensIn,
  type ReplyOptions,
  type WireChoice,
  type WireReply,
  type WireToolCall,
} from './reply.ts';
import type { Wire } from './messages.ts';
import { usageOf } from './usage.ts';

type Kind = 'text' | 'reasoning';
interface Call {
  id: string;
  name: string;
  input: string;
}

/** Reads chunks to the end. A stream that breaks off before it says why it ends is an error. */
export async function* streamParts(
  chunks: AsyncIterable<WireReply>,
  options: ReplyOptions,
): AsyncGenerator<BackendStreamPart> {
  const said: { [kind in Kind]: string | undefined } = { text: undefined, reasoning: undefined };
  const calls: Call[] = [];
  const tokens: Wire[] = [];
  let lists: Wire | undefined;
  let open: { readonly kind: Kind; readonly id: string } | undefined;
  let parts = 0;
  let finish: string | null | undefined;
  let usage: Wire | null | undefined;
  let head: WireReply = {};

  const end = function* (): Generator<BackendStreamPart> {
    if (open) yield { type: `${open.kind}-end`, id: open.id };
    open = undefined;
  };
  const say = function* (
    kind: Kind,
    delta: string | null | undefined,
    written?: readonly TokenLogprob[],
  ): Generator<BackendStreamPart> {
    if (!delta) return;
    if (open?.kind !== kind) {
      yield* end();
      open = { kind, id: `${kind}-${parts++}` };
      yield { type: `${kind}-start`, id: open.id };
    }
    said[kind] = (said[kind] ?? '') + delta;
    yield { type: `${kind}-delta`, id: open.id, delta, ...(written && { tokens: written }) };
  };
  const call = function* ({ index, id, function: named }: WireToolCall): Generator<BackendStreamPart> {
    const at = index ?? (id === undefined ? calls.length - 1 : calls.length);
    let one = calls[at];
    if (!one) {
      if (named?.name === undefined)
        throw new MalformedReply({
          url: options.shown,
          why: 'a tool call without a name',
          body: JSON.stringify(named),
        });
      one = { id: id || `call-${at}`, name: named.name, input: '' };
      calls[at] = one;
      yield* end();
      yield { type: 'tool-input-start', id: one.id, toolName: one.name };
    }
    if (!named?.arguments) return;
    one.input += named.arguments;
    yield { type: 'tool-input-delta', id: one.id, delta: named.arguments };
  };

  for await (const chunk of chunks) {
    if (chunk.model !== undefined) head = chunk;
    usage = usageIn(chunk) ?? usage;
    const choice: WireChoice | undefined = chunk.choices?.find(({ index = 0 }) => index === 0);
    if (!choice) continue;
    // A server that does not stream sends one whole message.
    const delta = choice.delta ?? choice.message ?? {};
    const [thought, text] = [delta.reasoning_content ?? delta.reasoning, delta.content ?? choice.text ?? delta.refusal];
    const written = tokensIn(choice.logprobs); // of the chunk, which is of one kind but where nothing is streamed
    yield* say('reasoning', thought, text ? undefined : written);
    yield* say('text', text, written);
    for (const one of delta.tool_calls ?? []) yield* call(one);
    const more = choice.logprobs?.['content'];
    if (Array.isArray(more)) tokens.push(...(more as Wire[]));
    else if (choice.logprobs) lists = joined(lists, choice.logprobs);
    finish = finishIn(choice, options.sent) ?? finish;
  }
  if (finish === undefined || finish === null)
    throw new MalformedReply({
      url: options.shown,
      why: 'the stream broke off before its end',
      body: said.text ?? said.reasoning ?? '(nothing had come)',
    });
  yield* end();
  for (const { id, name, input } of calls.filter(Boolean)) {
    yield { type: 'tool-input-end', id };
    yield { type: 'tool-call', toolCallId: id, toolName: name, input: input || '{}' };
  }
  const warnings: Warning[] = [];
  const message = {
    content: said.text,
    reasoning: said.reasoning,
    tool_calls: calls.filter(Boolean).map(({ id, name, input }) => ({ id, function: { name, arguments: input } })),
  };
  const logprobs = tokens.length > 0 ? { content: tokens } : lists;
  const candidate = candidateOf({ message, finish, logprobs }, head, options, (one) => warnings.push(one));
  yield { type: 'reply', candidate, usage: usageOf(usage, options), warnings };
}

/** The chunks among a stream's events; `check` throws where one is an error. */
export async function* chunksOf(
  events: AsyncIterable<string>,
  shown: string,
  check: (chunk: unknown) => void,
): AsyncGenerator<WireReply> {
  for await (const data of events) {
    if (data === '[DONE]') return;
    let chunk: unknown;
    try {
      chunk = JSON.parse(data);
    } catch {
      throw new MalformedReply({ url: shown, why: 'an event that is not JSON', body: data });
    }
    check(chunk);
    yield chunk as WireReply;
  }
}

/** Usage stands in the last chunk, or where one server keeps its own facts. */
function usageIn(chunk: WireReply): Wire | undefined {
  const own = (chunk['x_groq'] as { usage?: Wire } | undefined)?.usage;
  return chunk.usage ?? own;
}

/** The lists of a completions reply's log-probabilities, put end to end. */
function joined(before: Wire | undefined, more: Wire): Wire {
  const fields = Object.keys(more).filter((field) => Array.isArray(more[field]));
  return Object.fromEntries(
    fields.map((field) => [
      field,
      [...((before?.[field] as unknown[] | undefined) ?? []), ...(more[field] as unknown[])],
    ]),
  );
}
