/**
 * What techniques, metrics and recipes read replies with. Every function is linear in the length of the reply; what cannot be read is
 * nothing. Answers of samples, and which are the same, are read by `extract.ts`.
 */
export { answerOf } from './equality.ts';
export { callsIn } from './forms/call.ts';
export { blocksIn, programIn, testsIn } from './forms/code.ts';
export { itemsIn, linesWithoutMarks } from './forms/list.ts';
export { between, citationsIn, givesFinalAnswer, namedItem, saysFirst, saysWords } from './forms/marks.ts';
export { preferenceIn } from './forms/preference.ts';
export { ratingIn } from './forms/rating.ts';
export { verdictIn, wordIn } from './forms/verdict.ts';
export { endOf } from './plain.ts';
export { labelled, labelledAt } from './text.ts';
export { said } from './thoughts.ts';
