/** The embedded language model's tokenizer and runtime. */
export * from './spelling/chat.ts';
export * from './draw.ts';
export * from './network/engine.ts';
export * from './law.ts';
export * from './load.ts';
export * from './opening.ts';
export * from './process.ts';
export * from './runtime.ts';
export * from './spelling/spelling.ts';
export * from './spelling/tokenizer.ts';
export * from './network/weights.ts';
