/** Takes out of recorded data what may be a key: by the name of the field, by the looks of the text, and by a list. */
import { cleanText, HIDDEN } from '../../core/calls/secrets.ts';

/** Fields whose text is a secret whatever it looks like. */
const FIELD =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|(?:x-|.*[-_])?api[-_]?key|apikey|(?:access|auth|refresh|session|id)[-_]?token|client[-_]?secret|secret|secret[-_]?key|password|passwd|private[-_]?key)$/i;

/** The same for every text in a value. Binary content stays as it is. */
export function cleanValue<T>(value: T, secrets: readonly string[]): T {
  return clean(value, secrets) as T;
}

function clean(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return cleanText(value, secrets);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (value instanceof URL) return new URL(cleanText(value.href, secrets));
  if (Array.isArray(value)) return value.map((part: unknown) => clean(part, secrets));
  return Object.fromEntries(
    Object.entries(value).map(([name, v]) => [
      name,
      typeof v === 'string' && v !== '' && FIELD.test(name) ? HIDDEN : clean(v, secrets),
    ]),
  );
}
