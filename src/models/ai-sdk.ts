/** AI SDK models in, AI SDK models out, and transforms as its middleware. No package of the SDK is imported. */
export { fromAiSdkEmbedder, type AiSdkEmbeddingModel, type FromAiSdkEmbedderOptions } from './ai-sdk-embedder.ts';
export { fromAiSdk, type FromAiSdkOptions } from './ai-sdk-from.ts';
export { asMiddleware, type MiddlewareOptions } from './ai-sdk-middleware.ts';
export type { ToAiSdkOptions } from './ai-sdk-run.ts';
export { toAiSdk } from './ai-sdk-to.ts';
export type { AiSdkMiddleware, AiSdkModel, AiSdkModelIn } from './ai-sdk-types.ts';
