export { search } from './search.ts';
export { trees } from './trees.ts';
export { iterate } from './iterate.ts';
export { rephrase } from './rephrase.ts';
export { decompose } from './decompose.ts';
export { recipes } from './recipes.ts';
