/**
 * Between the AI SDK's specifications v3 and v4. plusx speaks v4 inside. The two differ in how a file is written (v3: the
 * data itself; v4: tagged data), in the content of tool results, and in kinds of parts that only v4 has.
 */
import { InvalidOption, type Content, type FileData, type FinishReason, type Message } from '../../core/index.ts';

type Part = { readonly type: string; readonly [field: string]: unknown };
/** Told of each part that the other version has no word for, and that is therefore left out. */
export type Lost = (what: string) => undefined;

/** What each converted part was made from: going back gives the part that came, so nothing is lost on a round trip. */
const origins = new WeakMap<object, object>();

function convert(part: Part, change: (part: Part) => Part | undefined): Part | undefined {
  const origin = origins.get(part) as Part | undefined;
  if (origin) return origin;
  const made = change(part);
  if (made && made !== part) origins.set(made, part);
  return made;
}

/** A v3 prompt in v4 words. String ids of files become references to `provider`. */
export function promptToV4(prompt: readonly object[], provider: string): Message[] {
  return mapParts(prompt, (part) => {
    if (part.type === 'file') return fileToV4(part);
    return part.type === 'tool-result' ? withOutput(part, (item) => itemToV4(item, provider)) : part;
  }) as unknown as Message[];
}

/** A v4 prompt in v3 words. A part v3 has no word for is left out and reported; a file it cannot hold is an error. */
export function promptToV3(prompt: readonly Message[], lost: Lost): object[] {
  return mapParts(prompt, (part) => {
    if (part.type === 'file') return fileToV3(part);
    if (part.type === 'custom' || part.type === 'reasoning-file') return lost(`a part of type ${part.type}`);
    return part.type === 'tool-result' ? withOutput(part, itemToV3) : part;
  });
}

function mapParts(prompt: readonly object[], change: (part: Part) => Part | undefined): object[] {
  return prompt.map((message) =>
    'content' in message && Array.isArray(message.content)
      ? { ...message, content: (message.content as Part[]).flatMap((part) => convert(part, change) ?? []) }
      : message,
  );
}

function withOutput(part: Part, change: (item: Part) => Part): Part {
  const output = part['output'] as { readonly type: string; readonly value?: unknown };
  if (output.type !== 'content') return part;
  const value = (output.value as Part[]).map((item) => convert(item, change));
  return { ...part, output: { ...output, value } };
}

function fileToV4(part: Part): Part {
  const { data, originalUrl, ...rest } = part;
  if (data instanceof URL)
    return { ...rest, data: { type: 'url', url: data, ...(originalUrl === undefined ? {} : { originalUrl }) } };
  // A v3 model that stands for a v4 one may be handed tagged data as it is.
  return typeof data === 'string' || data instanceof Uint8Array ? { ...part, data: { type: 'data', data } } : part;
}

function fileToV3({ data: tagged, ...rest }: Part): Part {
  const mediaType = wholeType(String(rest['mediaType']));
  const data = tagged as FileData & { readonly originalUrl?: string };
  switch (data.type) {
    case 'data':
      return { ...rest, mediaType, data: data.data };
    case 'url':
      return {
        ...rest,
        mediaType,
        data: data.url,
        ...(data.originalUrl === undefined ? {} : { originalUrl: data.originalUrl }),
      };
    case 'text':
      return { ...rest, mediaType, data: new TextEncoder().encode(data.text) };
    case 'reference':
      throw new InvalidOption({
        where: 'fromAiSdk',
        option: 'prompt',
        rule: 'holds a file by provider reference, which a model of specification v3 cannot take',
        hint: 'Send its data or URL, or use a v4 version of the provider',
      });
  }
}

/** v4 may name the top level alone (`image`), which v3 writes `image/*`. */
function wholeType(mediaType: string): string {
  return mediaType.includes('/') ? mediaType : `${mediaType}/*`;
}

const ANY = 'application/octet-stream';

function itemToV4(item: Part, provider: string): Part {
  const { type, data, url, fileId, ...rest } = item;
  const image = type.startsWith('image-');
  const file = (data: object): Part => ({
    ...rest,
    type: 'file',
    data,
    mediaType: rest['mediaType'] ?? (image ? 'image/*' : ANY),
  });
  switch (type) {
    case 'file-data':
    case 'image-data':
      return file({ type: 'data', data });
    case 'file-url':
    case 'image-url': {
      if (!URL.canParse(String(url))) return item;
      const parsed = new URL(String(url));
      return file({ type: 'url', url: parsed, ...(parsed.href === url ? {} : { originalUrl: url }) });
    }
    case 'file-id':
    case 'image-file-id':
      return file({ type: 'reference', reference: typeof fileId === 'string' ? { [provider]: fileId } : fileId });
    default:
      return item;
  }
}

function itemToV3(item: Part): Part {
  if (item.type !== 'file') return item;
  const { data: tagged, mediaType: type, filename, ...rest } = item;
  const mediaType = wholeType(String(type));
  const image = mediaType.startsWith('image/');
  const named = filename === undefined ? {} : { filename };
  const data = tagged as FileData & { readonly originalUrl?: string };
  switch (data.type) {
    case 'data': {
      const text = typeof data.data === 'string' ? data.data : base64(data.data);
      return image && filename === undefined
        ? { ...rest, type: 'image-data', data: text, mediaType }
        : { ...rest, type: 'file-data', data: text, mediaType, ...named };
    }
    case 'url': {
      const url = data.originalUrl ?? String(data.url);
      return image ? { ...rest, type: 'image-url', url } : { ...rest, type: 'file-url', url, mediaType };
    }
    case 'reference':
      return { ...rest, type: image ? 'image-file-id' : 'file-id', fileId: data.reference };
    case 'text':
      return { ...rest, type: 'text', text: data.text };
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** A part of a v3 result or stream in v4 words. */
export function contentToV4(part: object): Content {
  return convert(part as Part, (part) =>
    part.type === 'file' && (typeof part['data'] === 'string' || part['data'] instanceof Uint8Array)
      ? { ...part, data: { type: 'data', data: part['data'] } }
      : part,
  ) as unknown as Content;
}

/** A part of a v4 result or stream in v3 words, or nothing where v3 has none. */
export function contentToV3(part: object, lost: Lost): object | undefined {
  return convert(part as Part, (part) => {
    if (part.type === 'custom' || part.type === 'reasoning-file') return lost(`a part of type ${part.type}`);
    if (part.type !== 'file') return part;
    const data = part['data'] as FileData;
    return data.type === 'data' ? { ...part, data: data.data } : lost('a file that is given by its URL');
  });
}

/** v3 has no word for an interrupted answer. */
export function finishToV3({ unified, raw }: FinishReason): FinishReason {
  return { unified: unified === 'interrupted' ? 'other' : unified, raw };
}
