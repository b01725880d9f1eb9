export { chainOfVerification } from './chain-of-verification.ts';
export { critic, type CriticCheck } from './critic.ts';
export { selfRefine } from './self-refine.ts';
