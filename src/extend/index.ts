/** What a user's own files add: scorers, metrics, techniques, models. */
export { loadOwn, NOTHING_OWN, type Own } from './load.ts';
export { importShared } from './module.ts';
