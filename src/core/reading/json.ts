/** JSON in what a model wrote. */
import { blocksIn } from './forms/code.ts';

/** Deeper is nobody's answer, and more than what walks through it can bear. */
const MOST_DEPTH = 200;

/** The value of a text that is JSON; nothing where it is not, or is nested beyond reason. */
export function parsed(text: string): unknown {
  let depth = 0;
  for (const sign of text.match(/[[\]{}]/g) ?? []) {
    depth += sign === '[' || sign === '{' ? 1 : -1;
    if (depth > MOST_DEPTH) return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The JSON value of a reply: all of it, its last block, or what stands between its first bracket and its last. */
export function jsonIn(text: string): unknown {
  const fenced = blocksIn(text).findLast(({ tag }) => tag === '' || tag.startsWith('json'));
  const from = text.search(/[[{]/);
  const inner = from === -1 ? '' : text.slice(from, Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1);
  return parsed(text) ?? parsed(fenced?.code ?? '') ?? parsed(inner);
}

/** What a JSON pointer (RFC 6901) points to in a value. */
export function pointed(value: unknown, pointer: string): unknown {
  let at = value;
  for (const key of pointer.split('/').slice(1)) {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as { readonly [key: string]: unknown })[name];
  }
  return at;
}

/** The object that begins at a place; nothing where it does not end. */
export function objectAt(text: string, from: number): string | undefined {
  let depth = 0;
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    const sign = text[i];
    if (quoted && sign === '\\') i++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === '{') depth++;
    else if (!quoted && sign === '}' && --depth === 0) return text.slice(from, i + 1);
  }
  return undefined;
}

/** A text without the fence around it. */
export function unfenced(text: string): string {
  const plain = text.trim();
  return (plain.endsWith('```') ? plain.slice(0, -3) : plain).replace(/^```\w*/, '').trim();
}

/** A value of JSON, with the slips that models make: a comma at the end, single quotes. */
export function lenient(text: string): unknown {
  const plain = unfenced(text);
  return (
    parsed(plain) ??
    parsed(plain.replaceAll(/,\s*(?=[}\]])/g, '')) ??
    (plain.includes('"') ? undefined : parsed(plain.replaceAll("'", '"')))
  );
}
