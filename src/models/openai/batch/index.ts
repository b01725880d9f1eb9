/** Requests through a provider's batch endpoint. */
export { batched, batches, type BatchOptions } from './batch.ts';
export type { BatchState } from './endpoint.ts';
