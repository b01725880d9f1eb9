/** The embedded language model's tokenizer and runtime. */
export * from './chat.ts';
export * from './draw.ts';
export * from './engine.ts';
export * from './law.ts';
export * from './load.ts';
export * from './opening.ts';
export * from './process.ts';
export * from './runtime.ts';
export * from './spelling.ts';
export * from './tokenizer.ts';
export * from './weights.ts';
