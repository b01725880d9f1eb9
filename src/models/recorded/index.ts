/** Calls of a model recorded in a file, and played back. */
export * from './recorded.ts';
