export * from './re-read.ts';
