export { decomposedPrompting } from './decomposed-prompting.ts';
export { easyFirst } from './easy-first.ts';
export { leastToMost } from './least-to-most.ts';
export { planAndSolve } from './plan-and-solve.ts';
export { selfAsk } from './self-ask.ts';
export { skeletonOfThought } from './skeleton-of-thought.ts';
