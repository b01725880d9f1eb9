export { clarify } from './clarify.ts';
export { paraphrase } from './paraphrase.ts';
export { reRead } from './re-read.ts';
export { rephraseAndRespond } from './rephrase-and-respond.ts';
export { stepBack } from './step-back.ts';
export { translate } from './translate.ts';
