export { chainOfVerification } from './chain-of-verification.ts';
export { selfRefine } from './self-refine.ts';
