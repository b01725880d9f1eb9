export { dynamicCheatsheet } from './dynamic-cheatsheet.ts';
export { fewShot, type Example, type Examples } from './few-shot.ts';
export { memoryOf, type MemoryOfOptions } from './memory-of.ts';
export { memPrompt, remember } from './mem-prompt.ts';
export { namespaceOf, type Whose } from './namespace.ts';
export { prefer } from './prefer.ts';
export { rag } from './rag.ts';
