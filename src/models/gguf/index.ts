/** Models in local GGUF files, through node-llama-cpp. */
export { CannotFetch, fetchGguf, isAddress, NotFetched, WrongFile, type FetchGgufOptions } from './fetch.ts';
export { gguf, type GgufOptions } from './gguf.ts';
export { BadModelFile, llamaLibrary, LlamaMissing, type LlamaLibrary } from './library.ts';
export type { GgufMessage, GgufTemplate } from './prompt.ts';
