export { budgetForcing } from './budget-forcing/budget-forcing.ts';
export { chainOfVerification } from './chain-of-verification/chain-of-verification.ts';
export { critic, type CriticCheck } from './critic/critic.ts';
export { debate } from './debate/debate.ts';
export { selfDebug, type TestsFor } from './self-debug/self-debug.ts';
export { selfRefine } from './self-refine/self-refine.ts';
