export { adaptiveConsistency } from './adaptive-consistency.ts';
export { bestOfN } from './best-of-n.ts';
export { mixture } from './mixture.ts';
export { rejection } from './rejection.ts';
export { selfConsistency } from './self-consistency.ts';
export { softBestOfN } from './soft-best-of-n.ts';
export { betaMajority } from './vote.ts';
