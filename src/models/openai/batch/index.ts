/** Requests through a provider's batch endpoint. */
export { batched, batches, type BatchOptions, type BatchState } from './batch.ts';
