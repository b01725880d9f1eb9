export { autoMix } from './auto-mix/auto-mix.ts';
export { deepResearch } from './deep-research/deep-research.ts';
export { fusion } from './fusion/fusion.ts';
export { lats } from './lats/lats.ts';
export { mixtureOfAgents } from './mixture-of-agents/mixture-of-agents.ts';
export { reflexion } from './reflexion/reflexion.ts';
export { selfDiscover } from './self-discover/self-discover.ts';
export type { Page, Search } from './deep-research/sources.ts';
