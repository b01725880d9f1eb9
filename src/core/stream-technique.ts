/** Streams a technique: what it is doing as reasoning parts while it works, then the answer. */
import { scope, type Context, type Progress } from './context.ts';
import type { Request, Sample, Sampled, StreamPart } from './model.ts';
import { partsOf } from './stream.ts';

export async function* streamTechnique(
  sample: (request: Request, context: Context) => Promise<Sampled>,
  request: Request,
  outer: Context,
): AsyncGenerator<StreamPart> {
  const queue: Progress[] = [];
  let wake = (): void => {};
  const onProgress = (event: Progress): void => {
    outer.onProgress?.(event);
    queue.push(event);
    wake();
  };
  const { context, cancel, close } = scope({ ...outer, onProgress });
  const state = { finished: false };
  const work = sample({ ...request, n: 1 }, context).finally(() => {
    state.finished = true;
    wake();
  });
  work.catch(() => {}); // awaited below; a reader that leaves early must not make it an unhandled rejection
  const id = 'progress';
  let open = false;
  try {
    while (!state.finished || queue.length > 0) {
      const event = queue.shift();
      if (!event) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      if (!open) yield { type: 'reasoning-start', id, providerMetadata: PROGRESS };
      open = true;
      yield { type: 'reasoning-delta', id, delta: `${event.text}\n` };
    }
    const sampled = await work;
    if (open) yield { type: 'reasoning-end', id };
    open = false;
    yield* partsOf((sampled.samples[0] as Sample).content);
    yield { type: 'finish', sampled };
  } finally {
    if (!state.finished) cancel(new DOMException('The stream was closed.', 'AbortError'));
    close();
  }
}

/** Tells the story of the work from the thoughts of a model, so that nobody sends it back as part of a conversation. */
const PROGRESS = { plusx: { progress: true } };
