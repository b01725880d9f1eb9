/** Streams a technique: what it is doing as reasoning parts while it works, then its last draw as it is written. */
import { scope, type Context, type Progress } from '../context/context.ts';
import { NoCandidates } from '../errors.ts';
import type { Content } from '../message.ts';
import type { Request, Sample, Sampled } from '../sample.ts';
import type { StreamPart } from '../model.ts';
import type { Last } from './definition.ts';
import { PROGRESS, progressFinder } from './progress.ts';
import { partsOf, streamOf } from '../stream.ts';

type Said = Exclude<StreamPart, { type: 'finish' }>;
type Event = { readonly kind: 'progress'; readonly text: string } | { readonly kind: 'part'; readonly part: Said };

export async function* streamTechnique(
  draw: (request: Request, context: Context, last: Last) => Promise<Sampled>,
  request: Request,
  outer: Context,
): AsyncGenerator<StreamPart> {
  let queue: Event[] = [];
  const state = { finished: false };
  let wake = (): void => {};
  const tell = (event: Event): void => {
    queue.push(event);
    wake();
  };
  const onProgress = (event: Progress): void => {
    outer.onProgress?.(event);
    tell({ kind: 'progress', text: event.text });
  };
  const live = reader((part) => tell({ kind: 'part', part }));
  const { context, cancel, close } = scope({ ...outer, onProgress });
  const work = draw({ ...request, n: 1 }, context, live.last).finally(() => {
    state.finished = true;
    wake();
  });
  work.catch(() => {}); // awaited below; a reader that leaves early must not make it an unhandled rejection
  const id = 'progress';
  let open = false;
  let saying = false;
  try {
    while (!state.finished || queue.length > 0) {
      if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const events = queue;
      queue = []; // whole, since taking the first of many from a list moves all the others
      for (const event of events) {
        if (event.kind === 'part') {
          if (open) yield { type: 'reasoning-end', id };
          open = false;
          saying = true;
          yield event.part;
        } else if (!saying) {
          if (!open) yield { type: 'reasoning-start', id, providerMetadata: PROGRESS };
          open = true;
          yield { type: 'reasoning-delta', id, delta: `${event.text}\n` };
        }
      }
    }
    const sampled = await work;
    if (open) yield { type: 'reasoning-end', id };
    open = false;
    const { content, tokens } = sampled.samples[0] as Sample;
    const unsaid = live.unsaid(content);
    yield* partsOf(unsaid, unsaid === content ? tokens : undefined);
    yield { type: 'finish', sampled };
  } finally {
    if (!state.finished) cancel(new DOMException('The stream was closed.', 'AbortError'));
    close();
  }
}

/** Draws by reading a stream and handing its parts on. */
function reader(hand: (part: Said) => void): {
  readonly last: Last;
  /** What of the answer is not said yet. Throws what broke the stream off, where something else was said. */
  unsaid(content: readonly Content[]): readonly Content[];
} {
  let said: readonly Content[] | undefined;
  let broken: { readonly error: unknown } | undefined;
  return {
    async last(model, request, context) {
      let begun = false;
      const isProgress = progressFinder(); // of the model that is read: it was told as it was made
      try {
        for await (const part of streamOf(model, { ...request, n: 1 }, context)) {
          if (part.type === 'finish') {
            const [sample] = part.sampled.samples;
            if (!sample) throw new NoCandidates({ technique: model.name, why: 'none came back' });
            said = begun ? sample.content : undefined;
            return sample;
          }
          if (isProgress(part)) continue;
          begun = true;
          hand(part);
        }
        throw new NoCandidates({ technique: model.name, why: 'its stream ended without an answer' });
      } catch (error) {
        if (begun) broken = { error };
        throw error;
      }
    },
    unsaid(content) {
      if (broken) throw broken.error;
      if (!said) return content;
      if (said.every((part, i) => content[i] === part)) return content.slice(said.length);
      throw new TypeError('A technique must return what it drew with `last`, and may add parts only at its end.');
    },
  };
}
