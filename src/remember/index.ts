export { dynamicCheatsheet } from './dynamic-cheatsheet/dynamic-cheatsheet.ts';
export { fewShot, type Example, type Examples } from './few-shot/few-shot.ts';
export { memoryOf, type MemoryOfOptions } from './shared/memory-of.ts';
export { memPrompt, remember } from './mem-prompt/mem-prompt.ts';
export { namespaceOf, type Whose } from './shared/namespace.ts';
export { prefer } from './prefer/prefer.ts';
export { rag } from './rag/rag.ts';
