/**
 * plusx: P_lm + X. A technique is a function from model to model.
 *
 * Everything here runs in Node and in a browser. What reads files or writes a database has an entry of its own:
 * `plusx/models`, `plusx/store`, `plusx/tasks`, `plusx/evaluate`; what proves a technique is in `plusx/testing`.
 */
export { techniques } from './catalog.ts';
export * from './core/index.ts';
export * from './decode/index.ts';
export * from './decompose/index.ts';
export * from './iterate/index.ts';
export * from './models/ai-sdk/index.ts';
export { enumerable, type Distribution, type EnumerableOptions } from './models/written/enumerable.ts';
export { enumerableTokens, type EnumerableTokensOptions } from './models/written/enumerable-tokens.ts';
export { openaiCompatible, type OpenAICompatibleOptions } from './models/openai/openai-compatible.ts';
export { openaiEmbedder, type OpenAIEmbedderOptions } from './models/openai/embedder.ts';
export { probe, type Probed } from './models/openai/probe.ts';
export * from './models/openai/providers.ts';
export * from './remember/index.ts';
export * from './recipes/index.ts';
export * from './rephrase/index.ts';
export * from './search/index.ts';
export * from './tools/index.ts';
