/**
 * A chat as chunks. The role comes first and alone, the finish last and alone, the usage behind it where it was asked
 * for. What techniques are doing comes as reasoning, and only for clients that ask: others play it back in the next turn.
 */
import { streamOf, type Context, type Request, type Sampled, type StreamPart } from '../../core/index.ts';
import { progressFinder } from '../../core/technique/progress.ts';
import type { Wire } from '../../models/openai/protocol/index.ts';
import { chatUsage } from '../account.ts';
import { dataEvent, DONE } from '../events.ts';
import { finishWord, logprobsOf, marksRefusal, warned, type Told } from './reply.ts';
import type { Asked } from './request.ts';

export interface StreamTold extends Told {
  readonly asked: Asked;
}

export async function* chunksOf(told: StreamTold): AsyncGenerator<string> {
  const { asked, generation, model, composed } = told;
  const head = {
    id: `chatcmpl-${generation.id}`,
    object: 'chat.completion.chunk',
    created: generation.created,
    model,
  };
  const usageOfNone = asked.includeUsage ? { usage: null } : {};
  const chunk = (index: number, delta: Wire, more: Wire = {}): string =>
    dataEvent({ ...head, choices: [{ index, delta, logprobs: null, finish_reason: null, ...more }], ...usageOfNone });
  const writers = Array.from({ length: asked.n }, (_, index) =>
    writerOf(asked, (delta, more) => chunk(index, delta, more)),
  );
  // Whoever wants to see what is going on sees at once that something is.
  if (asked.own.progress) for (const { begin } of writers) yield* begin();
  const requests = writers.map(({ write }, index) => mapped(streamed(told, index), write));
  for await (const events of merged(requests)) for (const event of events) yield event;
  const whole = together(writers.flatMap(({ sampled }) => sampled() ?? []));
  const usage = chatUsage(generation.context.ledger.usage, generation.span());
  const plusx = generation.facts(composed, warned(whole, asked, composed), usage !== undefined);
  for (const [index, { sampled }] of writers.entries()) {
    const [sample] = sampled()?.samples ?? [];
    const facts = index === asked.n - 1 ? { plusx } : {};
    yield dataEvent({
      ...head,
      choices: [
        {
          index,
          delta: {},
          logprobs: null,
          finish_reason: finishWord(sample?.finish ?? { unified: 'stop', raw: undefined }),
        },
      ],
      ...usageOfNone,
      ...facts,
    });
  }
  if (asked.includeUsage) yield dataEvent({ ...head, choices: [], usage: usage ?? null });
  yield DONE;
}

/** Draw `index`, which has the same address as in a reply that comes whole. */
function streamed({ composed, asked, generation }: StreamTold, index: number): AsyncIterable<StreamPart> {
  const { context } = generation;
  const request: Request = { ...asked.request, n: 1, from: index };
  const inner: Context = asked.n > 1 ? { ...context, candidatesOf: context.candidatesOf ?? `n=${asked.n}` } : context;
  return streamOf(composed, request, inner);
}

function together(all: readonly Sampled[]): Sampled {
  const [first] = all;
  return {
    samples: all.flatMap(({ samples }) => samples),
    usage: first?.usage as Sampled['usage'],
    warnings: [...new Map(all.flatMap(({ warnings }) => warnings).map((one) => [one.message, one])).values()],
    exhausted: all.find(({ exhausted }) => exhausted)?.exhausted,
  };
}

interface Writer {
  /** The chunk that comes before all others, once. */
  readonly begin: () => readonly string[];
  readonly write: (part: StreamPart) => readonly string[];
  readonly sampled: () => Sampled | undefined;
}

/** Writes one answer of a stream. */
function writerOf({ logprobs, own }: Asked, chunk: (delta: Wire, more?: Wire) => string): Writer {
  let sampled: Sampled | undefined;
  let hasBegun = false;
  const isProgress = progressFinder();
  const calls = new Map<string, number>();
  const begin = (): string[] => {
    if (hasBegun) return [];
    hasBegun = true;
    return [chunk({ role: 'assistant', content: '', refusal: null })];
  };
  const say = (delta: Wire, more?: Wire): string[] => [...begin(), chunk(delta, more)];
  const call = (delta: Wire, index: number): string[] => say({ tool_calls: [{ index, ...delta }] });
  const write = (part: StreamPart): readonly string[] => {
    if (isProgress(part) && !own.progress) return [];
    switch (part.type) {
      case 'reasoning-delta':
        return part.delta === '' ? [] : say({ reasoning_content: part.delta });
      case 'text-delta': {
        const told = logprobs === undefined ? null : logprobsOf(part.tokens, logprobs);
        if (part.delta === '' && !told) return [];
        return say(
          marksRefusal(part) ? { refusal: part.delta } : { content: part.delta },
          told ? { logprobs: told } : {},
        );
      }
      case 'tool-input-start':
        calls.set(part.id, calls.size);
        return call(
          { id: part.id, type: 'function', function: { name: part.toolName, arguments: '' } },
          calls.size - 1,
        );
      case 'tool-input-delta': {
        const index = calls.get(part.id);
        return index === undefined ? [] : call({ function: { arguments: part.delta } }, index);
      }
      case 'tool-call': {
        // Where its input was streamed before, all of it has been said.
        if (calls.has(part.toolCallId)) return [];
        calls.set(part.toolCallId, calls.size);
        const { toolCallId: id, toolName: name, input } = part;
        return call({ id, type: 'function', function: { name, arguments: input } }, calls.size - 1);
      }
      case 'finish':
        sampled = part.sampled;
        return begin();
      default:
        return [];
    }
  };
  return { begin, write, sampled: () => sampled };
}

async function* mapped<A, B>(items: AsyncIterable<A>, of: (item: A) => B): AsyncGenerator<B> {
  for await (const item of items) yield of(item);
}

/** Items of several streams as they come. When one fails, or the reader leaves, all are ended. */
export async function* merged<T>(streams: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const [only] = streams;
  if (streams.length === 1 && only) {
    yield* only;
    return;
  }
  const pull = (index: number) => (streams[index] as AsyncGenerator<T>).next().then((result) => ({ index, result }));
  const pending = new Map(streams.map((_, index) => [index, pull(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      if (result.done) pending.delete(index);
      else {
        pending.set(index, pull(index));
        yield result.value;
      }
    }
  } finally {
    for (const promise of pending.values()) promise.catch(() => {});
    // Not awaited: one that waits for a server ends when the run is cancelled, and that is up to whoever reads.
    for (const stream of streams) stream.return(undefined).catch(() => {});
  }
}
