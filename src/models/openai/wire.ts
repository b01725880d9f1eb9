/**
 * The narrow door for what a server sends: a field is read as the type the protocol promises, and `undefined` where it
 * is not of that type, has another sign, or is no number that can be counted with.
 */

/** An object as it comes from, or goes to, a server. */
export type Wire = { [field: string]: unknown };

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A text that says something. */
export function spoken(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number of things: whole, not negative, and exact as a double. */
export function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function boolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function list(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function object(value: unknown): Wire | undefined {
  return isObject(value) ? value : undefined;
}

/** A list of objects; those elements that are none are left out. */
export function objects(value: unknown): readonly Wire[] | undefined {
  return Array.isArray(value) ? value.filter(isObject) : undefined;
}

function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The number servers write for a probability that is 0, or too small to be listed. */
const FLOOR = -9999;
/** Rounding may lift a log-probability this much above 0. */
const ROUNDING = 1e-3;

/** A log-probability in nats, at most 0; NaN where there is none that can be believed: what was drawn cannot be impossible. */
export function logprobOf(value: unknown, isDrawn = true): number {
  const number = finite(value);
  if (number === undefined || number > ROUNDING || (isDrawn && number <= FLOOR)) return Number.NaN;
  return Math.min(0, number);
}

/** A value as an error shows it, however it is nested. */
export function excerpt(value: unknown): string {
  try {
    return JSON.stringify(value)?.slice(0, 1000) ?? '(nothing)';
  } catch {
    return '(nested too deeply to be shown)';
  }
}
