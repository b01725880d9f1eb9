/** The events of a stream that is handed on: each as it came, but for the name of the model and a usage nobody asked for. */
import { EVENT_LENGTH, STREAM_BYTES } from '../../core/bounds.ts';
import { cleanText } from '../../core/calls/secrets.ts';
import { isError, statusIn, wordsIn } from '../../models/http/index.ts';
import { object, objects, type Wire } from '../../models/openai/protocol/index.ts';
import type { Incoming } from './unpacked.ts';
import { dataEvent } from '../events.ts';
import { errorBody, Refusal, statusBehind, UPSTREAM } from '../failure.ts';
import { withCost, type Billing } from './cost.ts';
import { changed } from './members.ts';

export interface PassedOn {
  /** The id of the model as the client wrote it. */
  readonly model: string;
  readonly secrets: readonly string[];
  /** Whether the client gets no usage. */
  readonly hidesUsage: boolean;
  readonly billing: Billing;
  readonly onUsage: (usage: unknown) => void;
}

/**
 * Hands events on as soon as they are whole. A stream that breaks off before any reason to end was given ends with an error:
 * clients take a connection that closes for a good end.
 */
export async function* passEvents(incoming: Incoming, { model, secrets, hidesUsage, billing, onUsage }: PassedOn) {
  const name = JSON.stringify(model);
  const state = { hasEnd: false, isOver: false };
  let usage: unknown;
  const one = (block: string): string => {
    const data = dataIn(block);
    const failed = errorIn(block, data);
    if (failed !== undefined) {
      state.isOver = true;
      return dataEvent(failureIn(parsed(failed) ?? {}, failed, secrets));
    }
    if (data === undefined) return block; // a comment, or a field that says nothing here
    if (data.trim() === '[DONE]') {
      state.hasEnd = true;
      return block;
    }
    const chunk = parsed(data);
    if (!chunk) return block;
    if (isError(chunk)) {
      state.isOver = true;
      return dataEvent(failureIn(chunk, data, secrets));
    }
    if (chunk['usage'] !== undefined && chunk['usage'] !== null) ({ usage } = chunk);
    const choices = objects(chunk['choices']);
    if (choices?.some((choice) => typeof choice['finish_reason'] === 'string')) state.hasEnd = true;
    const isExtra = hidesUsage && chunk['usage'] !== undefined;
    if (isExtra && choices?.length === 0 && chunk['usage'] !== null) return '';
    const changes = [
      ...('model' in chunk ? [{ name: 'model', value: name }] : []),
      // A server that was asked for usage says `null` in every other chunk.
      ...(isExtra && chunk['usage'] === null ? [{ name: 'usage', value: undefined }] : []),
    ];
    const shown = withCost(changes.length === 0 ? data : changed(data, changes), chunk, billing);
    return shown === data ? block : block.replace(data, () => shown);
  };
  try {
    for await (const block of blocksOf(incoming)) {
      const event = one(block);
      if (event !== '') yield event;
      if (state.isOver) return;
    }
    if (!state.hasEnd) throw brokenOff();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw brokenOff();
  } finally {
    onUsage(usage);
    incoming.destroy();
  }
}

export const brokenOff = (): Refusal =>
  new Refusal('The stream of the model broke off before its end.', {
    status: 502,
    type: UPSTREAM,
    code: 'upstream_malformed',
  });

function failureIn(chunk: Wire, data: string, secrets: readonly string[]) {
  const message = cleanText(wordsIn(data).slice(0, 2000), secrets) || 'The server of the model failed.';
  const told = errorBody(statusBehind(statusIn(chunk) ?? 500, message)).error;
  const own = object(chunk['error']);
  return { error: { ...told, ...(typeof own?.['param'] === 'string' && { param: own['param'] }) } };
}

/** The status that an event amounts to which is an error. */
export function statusOfEvent(block: string): number | undefined {
  const data = dataIn(block);
  const failed = errorIn(block, data);
  const chunk = parsed(failed ?? data ?? '');
  return failed !== undefined || isError(chunk) ? (statusIn(chunk) ?? 500) : undefined;
}

/** What an event of the kind `error` says, or a line of that name, as some servers tell of one. */
function errorIn(block: string, data = ''): string | undefined {
  if (/^event:[^\n]*error/im.test(block)) return data;
  const [, said] = /^error: ?(.*)$/m.exec(block) ?? [];
  return said?.trim();
}

/** The data of an event that is one line of it; most are. */
export function dataIn(block: string): string | undefined {
  const [, data] = /^data: ?(.*)$/m.exec(block) ?? [];
  return data?.replace(/\r$/, '');
}

export function parsed(data: string): Wire | undefined {
  try {
    return object(JSON.parse(data));
  } catch {
    return undefined;
  }
}

/** The bytes up to each empty line, as text. */
export async function* blocksOf(incoming: Incoming): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const END = /\r?\n\r?\n|\r\r/g;
  let rest = '';
  let bytes = 0;
  for await (const piece of incoming) {
    bytes += piece.length;
    // The empty line may be cut in two: its first half may be at the end of what is there already.
    END.lastIndex = Math.max(0, rest.length - 3);
    rest += decoder.decode(piece, { stream: true });
    if (bytes > STREAM_BYTES || rest.length > EVENT_LENGTH) throw brokenOff();
    let from = 0;
    for (let end = END.exec(rest); end; end = END.exec(rest)) {
      yield rest.slice(from, END.lastIndex);
      from = END.lastIndex;
    }
    if (from > 0) rest = rest.slice(from);
  }
  rest += decoder.decode();
  if (rest.trim() !== '') yield `${rest.trimEnd()}\n\n`;
}
