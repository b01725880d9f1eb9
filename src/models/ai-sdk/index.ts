/** AI SDK models in, AI SDK models out, and transforms as its middleware. No package of the SDK is imported. */
export { fromAiSdkEmbedder, type AiSdkEmbeddingModel, type FromAiSdkEmbedderOptions } from './embedder.ts';
export { fromAiSdk, type FromAiSdkOptions } from './from.ts';
export { asMiddleware, type MiddlewareOptions } from './middleware.ts';
export type { ToAiSdkOptions } from './run.ts';
export { toAiSdk } from './to.ts';
export type { AiSdkMiddleware, AiSdkModel, AiSdkModelIn } from './types.ts';
