/** The token-level room: techniques over the next-token process. */
export * from './min-p.ts';
export * from './temperature.ts';
export * from './top-k.ts';
export * from './top-n-sigma.ts';
export * from './top-p.ts';
