export * from './best-of-n.ts';
export * from './mixture.ts';
export * from './self-consistency.ts';
export * from './vote.ts';
