/**
 * The members of a JSON object where they stand in the text, so that one of them can be changed and every other byte
 * stays: numbers of any length, white space, the order of fields, fields that nobody here knows. The text must be JSON.
 */
import { endOfString } from '../../models/http/index.ts';

export interface Member {
  readonly name: string;
  /** Where the name begins, its quote included. */
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The members of the object that a text is, in order, each as often as it is written. One pass. */
export function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let at = space(text, 0);
  if (text[at] !== '{') return members;
  at = space(text, at + 1);
  while (at < text.length && text[at] === '"') {
    const start = at;
    const nameEnd = endOfString(text, at) + 1;
    const inner = text.slice(start + 1, nameEnd - 1);
    const name = inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner;
    const valueStart = space(text, space(text, nameEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ name, start, valueStart, valueEnd });
    at = space(text, valueEnd);
    if (text[at] !== ',') break;
    at = space(text, at + 1);
  }
  return members;
}

/** What becomes of a member: another value, or nothing at all. */
export interface Change {
  readonly name: string;
  /** JSON text; `undefined` takes the member out. */
  readonly value: string | undefined;
}

/** The text with these members changed wherever they stand; those that are not there are added at the end. */
export function changed(text: string, changes: readonly Change[]): string {
  const members = membersOf(text);
  const open = text.indexOf('{') + 1;
  let result = '';
  /** How much of the text is in the result or left out of it. */
  let done = 0;
  /** The end of the member before. */
  let end = open;
  let kept = 0;
  for (const { name, start, valueStart, valueEnd } of members) {
    const change = changes.find((one) => one.name === name);
    if (change && change.value === undefined) {
      // What stands between two members goes with the later one, so that a member leaves with its own comma.
      result += text.slice(done, end);
      done = valueEnd;
    } else {
      if (kept++ === 0 && end > open) {
        result += text.slice(done, start).replace(',', '');
        done = start;
      }
      if (change) {
        result += text.slice(done, valueStart) + change.value;
        done = valueEnd;
      }
    }
    end = valueEnd;
  }
  result += text.slice(done, end);
  for (const { name, value } of changes)
    if (value !== undefined && !members.some((member) => member.name === name))
      result += `${kept++ === 0 ? '' : ','}${JSON.stringify(name)}:${value}`;
  return result + text.slice(end);
}

/** The text with an object that is one of its members changed. Nothing is where it is not there. */
export function within(text: string, name: string, change: (inner: string) => string): string {
  const whole = membersOf(text).findLast((member) => member.name === name);
  if (!whole || text[whole.valueStart] !== '{') return text;
  return changed(text, [{ name, value: change(text.slice(whole.valueStart, whole.valueEnd)) }]);
}

const [TAB, LINE_FEED, RETURN, BLANK, QUOTE] = [0x09, 0x0a, 0x0d, 0x20, 0x22];
const [COMMA, LIST, LIST_END, OBJECT, OBJECT_END] = [0x2c, 0x5b, 0x5d, 0x7b, 0x7d];

function space(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign !== BLANK && sign !== LINE_FEED && sign !== RETURN && sign !== TAB) break;
  }
  return at;
}

/** The place behind a value. */
function endOfValue(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return endOfString(text, start) + 1;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (sign === OBJECT || sign === LIST) depth++;
    else if (sign === OBJECT_END || sign === LIST_END) {
      if (depth === 0) return trimmed(text, at);
      if (--depth === 0) return at + 1;
    } else if (sign === COMMA && depth === 0) return trimmed(text, at);
  }
  return text.length;
}

/** The end of a value without the white space behind it. */
function trimmed(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1] as string)) at--;
  return at;
}
