/** Models written down: a distribution of answers, a next-token process, a script. */
export { enumerable, type Distribution, type EnumerableOptions } from './enumerable.ts';
export { enumerableTokens, type EnumerableTokensOptions } from './enumerable-tokens.ts';
export * from './scripted.ts';
