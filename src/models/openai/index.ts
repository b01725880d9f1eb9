/** Models and embedders behind servers that speak OpenAI's protocol. */
export { openaiEmbedder, type OpenAIEmbedderOptions } from './embedder.ts';
export { knowing, knownOf, readKnown, type Known } from './known.ts';
export { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';
export { probe, PROBE_MOST, type Finding, type Probed } from './probe.ts';
export * from './providers.ts';
export type { Quirks } from './quirks.ts';
