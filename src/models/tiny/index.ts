/** The language model in the box. */
export { TINY_PROMPTS } from './prompts.ts';
export { tiny, type TinyOptions } from './tiny.ts';
