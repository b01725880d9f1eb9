/** The token-level room: techniques over the next-token process. */
export * from './classifier-free-guidance.ts';
export * from './constrained.ts';
export * from './contrastive-decoding.ts';
export * from './min-p.ts';
export * from './power-sampling.ts';
export * from './speculative.ts';
export * from './temperature.ts';
export * from './token-smc.ts';
export * from './top-k.ts';
export * from './top-n-sigma.ts';
export * from './top-p.ts';
