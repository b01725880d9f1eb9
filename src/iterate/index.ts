export * from './self-refine.ts';
