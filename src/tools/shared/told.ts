/** What a model is told of a tool's result: a tool may give back anything, and what JSON does not hold is told in words. */
import { TOOL_FILE_CHARS, TOOL_RESULT_CHARS, TOOL_RESULT_DEPTH } from '../../core/bounds.ts';
import type { Json, ToolResultOutput } from '../../core/index.ts';

/** The result of `execute`. */
export function toldOf(output: unknown): ToolResultOutput {
  if (output instanceof Error) return failure(output);
  const value = plain(output, start());
  if (typeof value.json === 'string') return { type: 'text', value: cut(value.json, value.whole) };
  return asJson('json', value);
}

/** The result of `toModelOutput`, which promises one of the forms of the AI SDK. */
export function toldAs(result: unknown): ToolResultOutput {
  const { type, value, reason, providerOptions } = Object(result) as Promised;
  const more = providerOptions !== undefined && {
    providerOptions: plain(providerOptions, start()).json as NonNullable<Json> as never,
  };
  switch (type) {
    case 'text':
    case 'error-text':
      return { type, value: cut(typeof value === 'string' ? value : inWords(value)), ...more };
    case 'json':
    case 'error-json':
      return { ...asJson(type, plain(value, start())), ...more };
    case 'execution-denied':
      return { type, ...(typeof reason === 'string' && { reason: cut(reason) }), ...more };
    case 'content':
      return Array.isArray(value) ? { type, value: contentOf(value) } : toldOf(value);
    default:
      return toldOf(result);
  }
}

interface Promised {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly reason?: unknown;
  readonly providerOptions?: unknown;
}

/** Why a tool did not do its work; anything may be thrown. */
export function failure(why: unknown): ToolResultOutput & { readonly type: 'error-text' } {
  return { type: 'error-text', value: cut(why instanceof Error ? why.message || why.name : inWords(why)) };
}

function inWords(value: unknown): string {
  const { json, whole } = plain(value, start());
  return typeof json === 'string' ? cut(json, whole) : cut(JSON.stringify(json), whole);
}

function asJson(type: 'json' | 'error-json', { json, whole }: Plain): ToolResultOutput {
  const text = JSON.stringify(json);
  if (whole && text.length <= TOOL_RESULT_CHARS) return { type, value: json };
  return { type: type === 'json' ? 'text' : 'error-text', value: cut(text, whole) };
}

/** The beginning of a text that is too long, and a word to the model that it is. */
function cut(text: string, whole = true): string {
  if (whole && text.length <= TOOL_RESULT_CHARS) return text;
  const of = whole ? ` of ${text.length}` : '';
  return `${text.slice(0, TOOL_RESULT_CHARS).toWellFormed()}\n[The result is cut: these are the first ${TOOL_RESULT_CHARS}${of} characters. Ask for less at a time.]`;
}

/** Texts share the bound of one result; a file has its own. */
function contentOf(parts: readonly unknown[]): object[] {
  let left = TOOL_RESULT_CHARS;
  return parts.map((part) => {
    const { json, whole } = plain(part, { ...start('base64'), left: TOOL_FILE_CHARS });
    const { type, text } = Object(json) as { readonly type?: unknown; readonly text?: unknown };
    if (type !== 'text' || typeof text !== 'string')
      return whole
        ? (Object(json) as object)
        : { type: 'text', text: `[A file is left out: it has more than ${TOOL_FILE_CHARS} characters.]` };
    const shown = text.length <= left ? text : `${text.slice(0, left).toWellFormed()}\n[The result is cut here.]`;
    left = Math.max(0, left - text.length);
    return { ...(Object(json) as object), text: shown };
  });
}

interface Plain {
  readonly json: Json;
  /** `false`: there is more than may be shown. */
  readonly whole: boolean;
}
interface Walk {
  /** Characters that may still be taken. */
  left: number;
  readonly bytes: 'words' | 'base64';
  /** What is being walked, from the outside in. */
  readonly open: object[];
}
const start = (bytes: Walk['bytes'] = 'words'): Walk => ({ left: TOOL_RESULT_CHARS, bytes, open: [] });

function plain(value: unknown, walk: Walk): Plain {
  const json = plainOf(value, walk) ?? null;
  return { json, whole: walk.left >= 0 };
}

/** As JSON; `undefined` where there is nothing. Stops once too much is taken. */
function plainOf(value: unknown, walk: Walk): Json | undefined {
  walk.left -= typeof value === 'string' ? Math.max(1, value.length) : 1;
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'symbol':
      return `[${String(value)}]`;
    case 'function':
      return `[a function${value.name ? ` ${value.name}` : ''}, which cannot be shown]`;
    case 'object':
      return value === null ? null : objectOf(value, walk);
  }
}

function objectOf(value: object, walk: Walk): Json | undefined {
  if (walk.open.includes(value)) return '[what holds this]';
  if (walk.open.length === TOOL_RESULT_DEPTH) return `[deeper than ${TOOL_RESULT_DEPTH} levels]`;
  walk.open.push(value);
  try {
    return within(value, walk);
  } finally {
    walk.open.pop();
  }
}

function within(value: object, walk: Walk): Json | undefined {
  const bytes = bytesOf(value);
  if (bytes) {
    if (walk.bytes === 'words') return `[${bytes.length} bytes, which cannot be shown]`;
    walk.left -= Math.ceil(bytes.length / 3) * 4;
    return walk.left < 0 ? null : base64(bytes);
  }
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') return plainOf(toJSON.call(value), walk);
  if (BOXED.test(Object.prototype.toString.call(value))) return plainOf(value.valueOf(), walk);
  if (Array.isArray(value) || value instanceof Set) return listOf(value, walk);
  if (value instanceof Map) {
    const keys = [...value.keys()];
    return keys.every((key) => typeof key === 'string') ? fieldsOf(value, walk) : listOf(value, walk);
  }
  const words = `[a ${value.constructor?.name ?? 'value'}, which cannot be shown]`;
  if (isStream(value)) return words;
  const fields = Object.entries(value);
  if (fields.length > 0 || isPlain(value)) return fieldsOf(fields, walk);
  return value.toString === Object.prototype.toString ? words : plainOf(`${value as { toString(): string }}`, walk);
}

const BOXED = /^\[object (?:String|Number|Boolean)\]$/;

function listOf(values: Iterable<unknown>, walk: Walk): Json {
  const list: Json[] = [];
  for (const one of values) {
    if (walk.left < 0) break;
    list.push(plainOf(one, walk) ?? null);
  }
  return list;
}

function fieldsOf(fields: Iterable<readonly [string, unknown]>, walk: Walk): Json {
  const entries: [string, Json][] = [];
  for (const [key, one] of fields) {
    if (walk.left < 0) break;
    walk.left -= key.length;
    const json = plainOf(one, walk);
    if (json !== undefined) entries.push([key, json]);
  }
  return Object.fromEntries(entries);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What is read piece by piece, of the web or of Node. */
export function isStream(value: object): boolean {
  const { getReader, pipe } = value as { readonly getReader?: unknown; readonly pipe?: unknown };
  return typeof getReader === 'function' || typeof pipe === 'function';
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
