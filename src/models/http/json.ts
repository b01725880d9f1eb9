/** JSON from outside, no deeper than programs can go down into. */
import { JSON_DEPTH } from '../../core/bounds.ts';

/** Parses JSON. A text that is none, or is too deep, is a SyntaxError that says which. */
export function parseJson(text: string): unknown {
  if (nested(text)) throw new SyntaxError(`lists and objects more than ${JSON_DEPTH} deep`);
  return JSON.parse(text);
}

/** Whether lists and objects stand more than `JSON_DEPTH` deep inside one another. One pass over the text. */
export function nested(text: string): boolean {
  if (text.length <= JSON_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (sign === LIST || sign === OBJECT) {
      if (++depth > JSON_DEPTH) return true;
    } else if (sign === LIST_END || sign === OBJECT_END) depth--;
  }
  return false;
}

const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Where the string that starts at `start` ends: at the first quote with an even number of backslashes before it. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}
