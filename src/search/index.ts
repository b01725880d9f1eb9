export { beamSearch } from './beam-search.ts';
export { bestOfN } from './best-of-n.ts';
export { mixture } from './mixture.ts';
export { particleFilter } from './particle-filter.ts';
export { rejection } from './rejection.ts';
export { selfConsistency } from './self-consistency.ts';
export { softBestOfN } from './soft-best-of-n.ts';
export { betaMajority } from './vote.ts';
