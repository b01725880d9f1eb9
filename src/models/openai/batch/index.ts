/** Requests through a provider's batch endpoint. */
export { batched, type BatchOptions } from './batch.ts';
