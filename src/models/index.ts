/** Back ends: every kind of model that can stand at the bottom of a composition. Some read files and need Node. */
export * from './ai-sdk.ts';
export { enumerable, type Distribution, type EnumerableOptions } from './enumerable.ts';
export { enumerableTokens, type EnumerableTokensOptions } from './enumerable-tokens.ts';
export { gguf, type GgufOptions } from './gguf.ts';
export { BadModelFile, LlamaMissing, type LlamaLibrary } from './gguf-library.ts';
export type { GgufMessage, GgufTemplate } from './gguf-prompt.ts';
export { McpMissing, mcpTools, McpUnreachable, type McpServer, type McpTool, type McpTools } from './mcp.ts';
export { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';
export { openaiEmbedder, type OpenAIEmbedderOptions } from './openai-embedder.ts';
export { probe, type Probed } from './openai-probe.ts';
export {
  loadPool,
  poolModel,
  recordedScore,
  type Pool,
  type PoolItem,
  type PoolModelOptions,
  type PoolSample,
} from './pool.ts';
export * from './providers.ts';
export * from './recorded.ts';
export * from './scripted.ts';
export { fetchWeights } from '../tiny/index.ts';
export { tiny, type TinyOptions } from './tiny.ts';
