export { clarify } from './clarify/clarify.ts';
export { paraphrase } from './paraphrase/paraphrase.ts';
export { reRead } from './re-read/re-read.ts';
export { request } from './request/request.ts';
export { rephraseAndRespond } from './rephrase-and-respond/rephrase-and-respond.ts';
export { stepBack } from './step-back/step-back.ts';
export { translate } from './translate/translate.ts';
