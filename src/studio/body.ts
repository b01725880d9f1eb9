/** What a page sends: a JSON object within bounds, whose fields are read one by one. */
import { JSON_DEPTH } from '../core/bounds.ts';
import { nested } from '../models/http/index.ts';
import { object } from '../models/openai/protocol/index.ts';
import { textOf } from '../serve/body.ts';
import { Refusal } from '../serve/failure.ts';

const MOST_BYTES = 4 * 2 ** 20;

export type Fields = { readonly [name: string]: unknown };

export async function fieldsOf(request: Request): Promise<Fields> {
  const text = await textOf(request, MOST_BYTES);
  let value: unknown;
  try {
    value = nested(text) ? undefined : JSON.parse(text);
  } catch {
    // It is said below.
  }
  const fields = object(value);
  if (!fields)
    throw new Refusal(`The body must be a JSON object, at most ${JSON_DEPTH} deep.`, { code: 'invalid_json' });
  return fields;
}

/** The text of a field. Throws Refusal with the rule and the value's kind. */
export function text(fields: Fields, name: string, most = 1_000_000): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length > most)
    throw new Refusal(`${name} must be a text of at most ${most} letters.`, { param: name, code: 'invalid_value' });
  return value;
}

/** The whole number of a field within bounds. */
export function whole(fields: Fields, name: string, least: number, most: number): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new Refusal(`${name} must be a whole number from ${least} to ${most}.`, {
      param: name,
      code: 'invalid_value',
    });
  return value;
}

/** What `read` reads, where the field is there at all. */
export function optional<T>(fields: Fields, name: string, read: (fields: Fields, name: string) => T): T | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : read(fields, name);
}
