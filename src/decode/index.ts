/** The token-level room: techniques over the next-token process. */
export * from './classifier-free-guidance/classifier-free-guidance.ts';
export * from './constrained/constrained.ts';
export * from './contrastive-decoding/contrastive-decoding.ts';
export * from './min-p/min-p.ts';
export * from './power-sampling/power-sampling.ts';
export * from './speculative/speculative.ts';
export * from './temperature/temperature.ts';
export * from './token-smc/token-smc.ts';
export * from './top-k/top-k.ts';
export * from './top-n-sigma/top-n-sigma.ts';
export * from './top-p/top-p.ts';
