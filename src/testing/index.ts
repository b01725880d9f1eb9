/** For the tests of techniques and of programs that use models: laws, exact distributions, models written down. */
export { enumerable, type Distribution, type EnumerableOptions } from '../models/enumerable.ts';
export { enumerableTokens, type EnumerableTokensOptions } from '../models/enumerable-tokens.ts';
export * from '../models/scripted.ts';
export * from './chi-square.ts';
export * from './exact.ts';
export * from './laws.ts';
export * from './openai-server.ts';
export * from './probe.ts';
