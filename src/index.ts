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
export {
  enumerable,
  enumerableTokens,
  type Distribution,
  type EnumerableOptions,
  type EnumerableTokensOptions,
} from './models/written/index.ts';
export * from './models/openai/index.ts';
export * from './remember/index.ts';
export * from './recipes/index.ts';
export * from './rephrase/index.ts';
export * from './search/index.ts';
export * from './tools/index.ts';
