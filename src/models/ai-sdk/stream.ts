/** Streams of the AI SDK: read into parts and the whole result, and made of parts. */
import { MalformedReply, type BackendStreamPart, type StreamPart } from '../../core/index.ts';
import { contentToV4 } from './convert.ts';
import type { AiSdkContent, AiSdkResponse, AiSdkResult, AiSdkStreamPart } from './types.ts';

type WrittenPart = Extract<StreamPart, { type: `${'text' | 'reasoning'}-${'start' | 'delta' | 'end'}` }>;
type Written = Extract<AiSdkContent, { type: 'text' | 'reasoning' }>;

/** Yields the parts a model may yield and returns the result they add up to; nothing where the stream broke off. */
export async function* readParts(
  stream: ReadableStream<{ readonly type: string }>,
  signal: AbortSignal,
): AsyncGenerator<Exclude<BackendStreamPart, { type: 'reply' }>, AiSdkResult | undefined> {
  const reader = (stream as ReadableStream<AiSdkStreamPart>).getReader();
  const stop = (): void => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  const open = new Map<string, Written>();
  const content: AiSdkContent[] = [];
  let start: Pick<AiSdkResult, 'warnings'> = { warnings: [] };
  let response: AiSdkResponse | undefined;
  try {
    for (;;) {
      const { done, value: part } = await reader.read();
      signal.throwIfAborted();
      if (done) return undefined;
      switch (part.type) {
        case 'stream-start':
          start = part;
          break;
        case 'response-metadata':
          response = { ...response, ...part };
          break;
        case 'finish': {
          const { type: _type, ...end } = part;
          return { ...start, ...end, content, ...(response && { response }) };
        }
        case 'error':
          throw part.error instanceof Error
            ? part.error
            : new MalformedReply({
                url: 'stream',
                why: 'the provider reports an error',
                body: JSON.stringify(part.error) ?? '',
              });
        case 'text-start':
        case 'reasoning-start':
        case 'text-delta':
        case 'reasoning-delta':
        case 'text-end':
        case 'reasoning-end':
          write(part as WrittenPart, open, content);
          yield part;
          break;
        case 'tool-input-start':
        case 'tool-input-delta':
        case 'tool-input-end':
          yield part;
          break;
        default:
          if (!CONTENT.has(part.type)) break; // raw chunks, pings, and what a later version adds
          content.push(part);
          yield contentToV4(part) as Exclude<BackendStreamPart, { type: 'reply' }>;
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

const CONTENT = new Set([
  'file',
  'reasoning-file',
  'source',
  'custom',
  'tool-call',
  'tool-result',
  'tool-approval-request',
]);

/** Adds a piece to the text it belongs to. Facts about the whole text come with any of its pieces; the last word holds. */
function write(part: WrittenPart, open: Map<string, Written>, content: AiSdkContent[]): void {
  const { type, id, ...rest } = part;
  const kind = type.startsWith('text') ? 'text' : 'reasoning';
  const key = `${kind} ${id}`;
  const { delta = '', ...facts } = rest as { delta?: string };
  let written = open.get(key);
  if (!written) {
    written = { type: kind, text: '' };
    open.set(key, written);
    content.push(written);
  }
  written.text += delta;
  for (const [name, value] of Object.entries(facts)) if (value != null) Object.assign(written, { [name]: value });
  if (type.endsWith('-end')) open.delete(key);
}

/** The stream of an async generator. Whoever cancels it runs `cancel` first, so that a pending step ends. */
export function readable<T>(
  parts: AsyncGenerator<T>,
  {
    cancel,
    failed,
  }: { readonly cancel: (reason: unknown) => void; readonly failed: (error: unknown) => T | undefined },
): ReadableStream<T> {
  return new ReadableStream<T>({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        const last = failed(error);
        if (last === undefined) return controller.error(error);
        controller.enqueue(last);
        controller.close();
      }
    },
    async cancel(reason) {
      cancel(reason);
      await parts.return(undefined);
    },
  });
}
