/** Back ends: every kind of model that can stand at the bottom of a composition. Some read files and need Node. */
export * from './ai-sdk/index.ts';
export {
  BadModelFile,
  CannotFetch,
  fetchGguf,
  gguf,
  LlamaMissing,
  NotFetched,
  WrongFile,
  type FetchGgufOptions,
  type GgufMessage,
  type GgufOptions,
  type GgufTemplate,
  type LlamaLibrary,
} from './gguf/index.ts';
export { installedModel, PackageMissing, type InstalledModelOptions } from './installed/index.ts';
export * from './openai/index.ts';
export {
  loadPool,
  poolModel,
  recordedScore,
  type Pool,
  type PoolItem,
  type PoolModelOptions,
  type PoolSample,
} from './pool/index.ts';
export * from './recorded/index.ts';
export { tiny, type TinyOptions } from './tiny/index.ts';
export * from './written/index.ts';

export { fetchWeights } from '../tiny/index.ts';
export {
  McpMissing,
  mcpTools,
  McpUnreachable,
  type McpServer,
  type McpTool,
  type McpTools,
} from '../tools/mcp/index.ts';
