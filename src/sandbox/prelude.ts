/**
 * What stands in a fresh QuickJS context before a program runs. It is a text that runs inside: there are no host
 * functions, so a program that takes all of this apart harms nothing but its own answer. What must hold against a
 * program is checked outside.
 */

/** 2000-01-01T00:00:00Z: what a program's clock shows, always. */
const NOW = 946_684_800_000;

/** Bytes that there are where a program is not at the limit of its memory. */
const SOME_ROOM = 65_536;

/** An expression: a function of the seed, the globals as JSON and the most characters of output, to what the worker calls. */
export const PRELUDE = `(function (seed, globalsText, most) {
  'use strict';
  const { stringify, parse } = JSON;
  const { isFinite, isSafeInteger } = Number;
  const text = String, RealDate = Date, Bytes = Uint8Array;
  let printed = '', over = false, state = seed >>> 0;

  const shown = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return describe(value);
    try {
      return (typeof value === 'object' && value !== null ? stringify(value, plain) : undefined) ?? text(value);
    } catch {
      return '[cannot be shown]';
    }
  };
  const print = (...values) => {
    let line = '';
    for (let i = 0; i < values.length; i++) line += (i > 0 ? ' ' : '') + shown(values[i]);
    if (over || printed.length + line.length >= most) {
      over = true;
      throw new RangeError('too much output');
    }
    printed += line + '\\n';
  };
  const plain = (key, value) =>
    typeof value === 'bigint' ? (isSafeInteger(Number(value)) ? Number(value) : text(value)) : value;
  const describe = (error) => {
    if (typeof error !== 'object' || error === null || !('message' in error)) return 'thrown: ' + shown(error);
    const place = /program\\.js:(\\d+)/.exec(text(error.stack));
    return text(error.name) + ': ' + text(error.message) + (place ? ' (line ' + place[1] + ')' : '');
  };

  const hidden = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  const console = {};
  for (const level of ['log', 'info', 'warn', 'error', 'debug']) hidden(console, level, print);
  hidden(globalThis, 'console', console);
  hidden(globalThis, 'print', print);
  hidden(Math, 'random', () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  });
  const StoppedDate = function Date(...parts) {
    if (new.target === undefined) return text(new RealDate(${NOW}));
    return Reflect.construct(RealDate, parts.length === 0 ? [${NOW}] : parts, new.target);
  };
  StoppedDate.prototype = RealDate.prototype;
  hidden(RealDate.prototype, 'constructor', StoppedDate);
  hidden(StoppedDate, 'now', () => ${NOW});
  hidden(StoppedDate, 'parse', RealDate.parse);
  hidden(StoppedDate, 'UTC', RealDate.UTC);
  hidden(globalThis, 'Date', StoppedDate);
  delete globalThis.SharedArrayBuffer;
  // What the engine throws at a limit. A program can only get hold of one by meeting a limit itself.
  const atLimit = InternalError.prototype, { getPrototypeOf } = Object;
  delete globalThis.InternalError;
  delete atLimit.constructor;
  Object.freeze(atLimit);
  const globals = parse(globalsText);
  for (const name of Object.keys(globals)) globalThis[name] = globals[name];

  return {
    encode: (value) => stringify(value, plain),
    describe,
    // Whether a limit of the engine was met. Where no error could be made any more, null was thrown.
    limit: (error) => {
      if (error !== null) return typeof error === 'object' && getPrototypeOf(error) === atLimit;
      try {
        return new Bytes(${SOME_ROOM}).length === 0;
      } catch {
        return true;
      }
    },
    output: () => printed,
    over: () => over,
  };
})`;
