/** The one place that reads what a model wrote. Every function is linear in the length of the reply; what cannot be read is nothing. */
export { readAnswer, type AnswerFormat, type AnswerReader } from './answer.ts';
export { callsIn, type WrittenCall, type WrittenCalls } from './call.ts';
export { optionsIn, type Option } from './choice.ts';
export { blocksIn, programIn, testsIn, type Block } from './code.ts';
export {
  ANSWER_KINDS,
  answerOf,
  classesOf,
  isSame,
  type FinalAnswer,
  type AnswerKind,
  type Equality,
} from './equality.ts';
export { itemsIn, linesWithoutMarks } from './list.ts';
export { between, citationsIn, givesFinalAnswer, namedItem, saysFirst, saysWords } from './marks.ts';
export { bare, endOf } from './plain.ts';
export { preferenceIn, type Preference, type Preferring } from './preference.ts';
export { ratingIn, type Scale } from './rating.ts';
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
export { verdictIn, wordIn } from './verdict.ts';
