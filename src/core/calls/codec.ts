/** JSON text that also holds what JSON has no words for: binary data, URLs and numbers that are not finite. */

const MARK = /^\$+(?:bytes|url|number)$/;

/** The text of a value: plain JSON wherever plain JSON keeps it whole. `undefined` fields are left out. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(isPlain(value) ? value : mark(value));
}

/** The value of a text that `encodeJson` wrote. Throws SyntaxError on anything else. */
export function decodeJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes('"$') ? unmark(value) : value;
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (ArrayBuffer.isView(value) || value instanceof URL) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  for (const key in value) {
    if (key[0] === '$' && MARK.test(key)) return false;
    if (!isPlain((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}

function mark(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof URL) return { $url: value.href };
  if (ArrayBuffer.isView(value))
    return { $bytes: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  if (Array.isArray(value)) return value.map(mark);
  if ('toJSON' in value) return value;
  // A field that happens to be called like a mark gets one more `$`, and loses it on the way back.
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [MARK.test(key) ? `$${key}` : key, mark(v)]));
}

function unmark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unmark);
  const fields = Object.entries(value);
  const [key, inner] = fields[0] ?? [];
  if (fields.length === 1 && typeof inner === 'string') {
    if (key === '$bytes') return fromBase64(inner);
    if (key === '$url') return new URL(inner);
    if (key === '$number') return Number(inner);
  }
  return Object.fromEntries(fields.map(([name, v]) => [MARK.test(name) ? name.slice(1) : name, unmark(v)]));
}

/** Base64 of bytes, in any engine. */
export function toBase64(bytes: Uint8Array): string {
  const chunks: string[] = [];
  // In pieces: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 0x8000) chunks.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
  return btoa(chunks.join(''));
}

/** Bytes of base64, in any engine. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Length of a text in UTF-8, half of a surrogate pair counted as the sign that stands in its place. Makes no copy of the text. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // Two units of a pair are four bytes.
    if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(at + 1))) at++;
  }
  return bytes;
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
