export { decomposedPrompting } from './decomposed-prompting/decomposed-prompting.ts';
export { easyFirst } from './easy-first/easy-first.ts';
export { leastToMost } from './least-to-most/least-to-most.ts';
export { planAndSolve } from './plan-and-solve/plan-and-solve.ts';
export { selfAsk } from './self-ask/self-ask.ts';
export { skeletonOfThought } from './skeleton-of-thought/skeleton-of-thought.ts';
