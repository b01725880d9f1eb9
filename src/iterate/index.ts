export { selfRefine } from './self-refine.ts';
