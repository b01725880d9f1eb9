export { autoMix } from './auto-mix.ts';
export { deepResearch } from './deep-research.ts';
export { fusion } from './fusion.ts';
export { lats } from './lats.ts';
export { mixtureOfAgents } from './mixture-of-agents.ts';
export { reflexion } from './reflexion.ts';
export { selfDiscover } from './self-discover.ts';
export type { Page, Search } from './sources.ts';
