export { rephraseAndRespond } from './rephrase-and-respond.ts';
export { reRead } from './re-read.ts';
export { stepBack } from './step-back.ts';
