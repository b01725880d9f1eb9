/** Streams of the AI SDK: read into parts and the whole result, and made of parts. */
import type { BackendStreamPart, StreamPart } from '../../core/index.ts';
import { contentToV4 } from './convert.ts';
import type { AiSdkContent, AiSdkResponse, AiSdkResult, AiSdkStreamPart } from './types.ts';

type WrittenPart = Extract<StreamPart, { type: `${'text' | 'reasoning'}-${'start' | 'delta' | 'end'}` }>;
type Written = Extract<AiSdkContent, { type: 'text' | 'reasoning' }>;

type Part = Exclude<BackendStreamPart, { type: 'reply' }>;

export interface ReadingParts {
  readonly signal: AbortSignal;
  /** Whether a piece is still within the tokens that were asked for. */
  readonly fits: (piece: string) => boolean;
  /** Told where the stream is ended for one that is not. */
  readonly tooLong: () => void;
  /** What an error that comes as a part means. */
  readonly failed: (error: unknown) => unknown;
}

/** Yields the parts a model may yield and returns the result they add up to; nothing where the stream broke off. */
export async function* readParts(
  stream: ReadableStream<{ readonly type: string }>,
  { signal, fits, tooLong, failed }: ReadingParts,
): AsyncGenerator<Part, AiSdkResult | undefined> {
  const reader = (stream as ReadableStream<AiSdkStreamPart>).getReader();
  const stop = (): void => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  const open = new Map<string, Written>();
  const inputs = new Set<string>(); // calls whose input is being written
  const content: AiSdkContent[] = [];
  let start: Pick<AiSdkResult, 'warnings'> = { warnings: [] };
  let response: AiSdkResponse | undefined;
  try {
    for (;;) {
      const { done, value: part } = await reader.read();
      signal.throwIfAborted();
      if (done) return undefined;
      if ('delta' in part && typeof part.delta === 'string' && !fits(part.delta)) {
        tooLong();
        for (const key of open.keys()) {
          const [kind = '', ...id] = key.split(' ');
          yield { type: kind === 'text' ? 'text-end' : 'reasoning-end', id: id.join(' ') };
        }
        for (const id of inputs) yield { type: 'tool-input-end', id };
        return { ...start, content, finishReason: CUT, usage: UNKNOWN, ...(response && { response }) };
      }
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
          throw failed(part.error);
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
          inputs.add(part.id);
          yield part;
          break;
        case 'tool-input-end':
          inputs.delete(part.id);
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

/** How a stream finishes that is ended because it is too long, and what is known of its tokens. */
const CUT: AiSdkResult['finishReason'] = { unified: 'length', raw: undefined };
const UNKNOWN: AiSdkResult['usage'] = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

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
