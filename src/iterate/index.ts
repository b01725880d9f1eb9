export { budgetForcing } from './budget-forcing.ts';
export { chainOfVerification } from './chain-of-verification.ts';
export { critic, type CriticCheck } from './critic.ts';
export { debate } from './debate.ts';
export { selfDebug, type TestsFor } from './self-debug.ts';
export { selfRefine } from './self-refine.ts';
