/** Recorded samples of a model as a model: a file of questions, each with its pool. */
export { loadPool, type Pool, type PoolItem, type PoolSample } from './file.ts';
export { readJsonLines, readText, type JsonLine } from './json-lines.ts';
export { poolModel, recordedOf, recordedScore, type PoolModelOptions } from './pool.ts';
