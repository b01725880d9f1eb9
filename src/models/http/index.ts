/** Requests over HTTP: tries, limits, time, and the events of a stream. */
export { readJson, readText, readWhole } from './body.ts';
export { looksLikeEvents, openEvents } from './events.ts';
export * from './exchange.ts';
export { endOfString, nested, parseJson } from './json.ts';
export {
  final,
  mayPass,
  networkTrouble,
  notOfTheProtocol,
  quoted,
  refuseError,
  UNKNOWN_STATUS,
  upstream,
  type Asked,
} from './failures.ts';
export * from './limiter.ts';
export { linesOf } from './lines.ts';
export { onward } from './send.ts';
export { headersOf, hintsIn, retryAfter, type Hints } from './waits.ts';
export { isError, statusIn, wordsIn } from './words.ts';
