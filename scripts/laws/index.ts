export { trees } from './trees.ts';
export { remember } from './remember.ts';
export { tools } from './tools.ts';
export { recipes } from './recipes.ts';
