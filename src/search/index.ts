export { bestOfN } from './best-of-n.ts';
export { mixture } from './mixture.ts';
export { selfConsistency } from './self-consistency.ts';
export { betaMajority } from './vote.ts';
