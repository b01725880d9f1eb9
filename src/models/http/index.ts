/** Requests over HTTP: tries, limits, time, and the events of a stream. */
export * from './exchange.ts';
export * from './limiter.ts';
export { eventsOf } from './sse.ts';
