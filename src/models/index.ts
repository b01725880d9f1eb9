/** Back ends: every kind of model that can stand at the bottom of a composition. Some read files and need Node. */
export * from './ai-sdk/index.ts';
export { enumerable, type Distribution, type EnumerableOptions } from './written/enumerable.ts';
export { enumerableTokens, type EnumerableTokensOptions } from './written/enumerable-tokens.ts';
export { gguf, type GgufOptions } from './gguf/gguf.ts';
export { BadModelFile, LlamaMissing, type LlamaLibrary } from './gguf/library.ts';
export type { GgufMessage, GgufTemplate } from './gguf/prompt.ts';
export { openaiCompatible, type OpenAICompatibleOptions } from './openai/openai-compatible.ts';
export { openaiEmbedder, type OpenAIEmbedderOptions } from './openai/embedder.ts';
export { probe, type Probed } from './openai/probe.ts';
export {
  loadPool,
  poolModel,
  recordedScore,
  type Pool,
  type PoolItem,
  type PoolModelOptions,
  type PoolSample,
} from './pool/pool.ts';
export * from './openai/providers.ts';
export * from './recorded/recorded.ts';
export * from './written/scripted.ts';
export { fetchWeights } from '../tiny/index.ts';
export { tiny, type TinyOptions } from './tiny/tiny.ts';
