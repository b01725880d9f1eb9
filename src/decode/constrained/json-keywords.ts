/** What the keywords of a JSON schema hold, checked as they are read. */
import { Unsupported } from './regex-reader.ts';

export type Schema = { readonly [keyword: string]: unknown };

/** Where `#/$defs/name` leads. */
export function resolve(root: unknown, reference: unknown, where: string): unknown {
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference))
    throw new Unsupported(
      `${where}: the reference ${JSON.stringify(reference)} is not supported: it must begin with #`,
    );
  let at = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key))
      throw new Unsupported(`${where}: ${reference} leads nowhere`);
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

/** Whether a value is of one of the types. */
export function isOf(types: unknown, value: unknown): boolean {
  if (types === undefined) return true;
  const own = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return [types].flat().some((type) => type === own || (type === 'integer' && Number.isInteger(value)));
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new Unsupported(`${where} must be a list`);
  return value;
}

export function countOf(schema: Schema, keyword: string, where: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new Unsupported(`${where}/${keyword} must be a whole number`);
}
