/** The one place that reads what a model wrote. Every function is linear in the length of the reply; what cannot be read is nothing. */
export { readAnswer, type AnswerFormat, type AnswerReader } from './answer.ts';
export { callsIn, type WrittenCall, type WrittenCalls } from './forms/call.ts';
export { optionsIn, type Option } from './choice.ts';
export { blocksIn, programIn, testsIn, type Block } from './forms/code.ts';
export {
  ANSWER_KINDS,
  answerOf,
  classesOf,
  isSame,
  type FinalAnswer,
  type AnswerKind,
  type Equality,
} from './equality.ts';
export { itemsIn, linesWithoutMarks } from './forms/list.ts';
export { between, citationsIn, givesFinalAnswer, namedItem, saysFirst, saysWords } from './forms/marks.ts';
export { bare, endOf } from './plain.ts';
export { preferenceIn, type Preference, type Preferring } from './forms/preference.ts';
export { ratingIn, type Scale } from './forms/rating.ts';
export {
  said,
  splitThoughts,
  THOUGHT_TAGS,
  thoughtSplitter,
  type Stretch,
  type ThoughtOptions,
  type ThoughtSplitter,
  type ThoughtTag,
} from './thoughts.ts';
export { labelled, labelledAt } from './text.ts';
export { verdictIn, wordIn } from './forms/verdict.ts';
