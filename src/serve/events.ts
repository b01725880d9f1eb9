/** Server-sent events as they are written: one line of data each, and comments while there is nothing to say. */
import { ClientLeft } from './connection.ts';
import { errorBody, refusalOf } from './failure.ts';

export const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

export const DONE = 'data: [DONE]\n\n';
const ALIVE = ': keep-alive\n\n';

export const dataEvent = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** The last words of a stream that fails: one event, and no sign of a good end. */
export const errorEvent = (error: unknown): string => dataEvent(errorBody(refusalOf(error)));

export interface Writing {
  readonly keepAliveMs: number;
  /** Called when the reader goes away before the end. */
  readonly onLeave: () => void;
  /** Called once, when all is written or the reader is gone. */
  readonly onEnd: (error?: unknown) => void;
  /** How a failure is written. Default: as a chat stream says it. */
  readonly failed?: ((error: unknown) => string) | undefined;
}

/**
 * A stream of events, begun once the first of them is there or `keepAliveMs` have passed: until then a failure has a
 * status of its own. Rejects with that failure.
 */
export async function eventStream(
  events: AsyncIterator<string>,
  writing: Writing,
): Promise<ReadableStream<Uint8Array>> {
  const { keepAliveMs, onLeave, onEnd, failed = errorEvent } = writing;
  const encoder = new TextEncoder();
  let next = events.next();
  let isOver = false;
  const end = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    onEnd(error);
  };
  try {
    await within(next, keepAliveMs);
  } catch (error) {
    end(error);
    throw error;
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const result = await within(next, keepAliveMs);
          if (result === LATE) return controller.enqueue(encoder.encode(ALIVE));
          if (result.done) {
            end();
            return controller.close();
          }
          controller.enqueue(encoder.encode(result.value));
          next = events.next();
          next.catch(() => {}); // met at the next pull
        } catch (error) {
          controller.enqueue(encoder.encode(failed(error)));
          controller.close();
          end(error);
        }
      },
      cancel() {
        onLeave();
        // What is under way goes on the account before the account is closed.
        const left = Promise.resolve(events.return?.()).catch(() => undefined);
        void within(left, LEAVING_MS).then(() => end(new ClientLeft()));
      },
    },
    { highWaterMark: 0 },
  );
}

/** Milliseconds in which work that was cancelled has to be through. */
const LEAVING_MS = 1000;

const LATE = Symbol('late');

/** What a promise resolves to, or `LATE` where that takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
