/**
 * Numbers in the input of a call, as the model wrote them. JSON.parse turns each into a double, and a whole number beyond
 * 2^53 (an account, an order, a message) into another one. Here such a number stays what it was.
 */
import type { Json } from '../../core/index.ts';

/** The first number of a JSON text that a double does not hold. */
export function lostNumber(json: string): string | undefined {
  for (const [token] of json.matchAll(STRING_OR_NUMBER)) if (isLost(token)) return token;
  return undefined;
}

/** The value of a JSON text, in which a number that a double does not hold is a text. */
export function parseToTexts(json: string): Json {
  return JSON.parse(json.replaceAll(STRING_OR_NUMBER, (token) => (isLost(token) ? `"${token}"` : token))) as Json;
}

/** The value of a JSON text, which is written as JSON again with every number as it was. */
export function parseToWrite(json: string): Json {
  const { parse, rawJSON } = JSON as unknown as WithSource;
  if (!rawJSON || lostNumber(json) === undefined) return parseToTexts(json);
  return parse(json, (_key, value, { source } = {}) =>
    typeof value === 'number' && source !== undefined && isLost(source) ? rawJSON(source) : value,
  );
}

/** What newer engines know of the text that a value was read from. */
interface WithSource {
  readonly parse: (
    json: string,
    revive: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
  ) => Json;
  readonly rawJSON?: (text: string) => unknown;
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
const EXACT = 2 ** 53;

/** Fractions are rounded by every reader; what counts is that a large number comes back as it was written. */
function isLost(token: string): boolean {
  if (token.startsWith('"')) return false;
  const value = Number(token);
  if (Math.abs(value) < EXACT) return false;
  return !Number.isFinite(value) || decimalOf(token) !== decimalOf(String(value));
}

/** The significant digits and the power of ten, in one form for all spellings of a number. */
function decimalOf(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;
