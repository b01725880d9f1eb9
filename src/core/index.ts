/** The algebra: models, transforms, and what a run of them needs. */
export * from './host/checked-engine.ts';
export * from './ask.ts';
export * from './input.ts';
export * from './errors.ts';
export * from './message.ts';
export * from './model.ts';
export * from './sample.ts';
export { partsOf, streamOf } from './stream.ts';

export * from './accounts/budget.ts';
export { createLedger, type Ledger } from './accounts/ledger.ts';
export * from './accounts/price.ts';
export * from './accounts/usage.ts';

export * from './calls/backend.ts';
export { rewritten } from './calls/border.ts';
export * from './calls/codec.ts';
export { fromBackend } from './calls/from-backend.ts';
export * from './calls/journal.ts';
export { recorded } from './calls/once.ts';
export { firstCallAlone, PROMPT_CACHES, type PromptCache } from './calls/prompt-cache.ts';

export * from './context/choice.ts';
export * from './context/clock.ts';
export * from './context/context.ts';
export * from './context/enumerate.ts';
export * from './context/gather.ts';
export * from './context/trace.ts';

export { checkOptions } from './formula/check-options.ts';
export * from './formula/nearest.ts';
export * as option from './formula/options.ts';
export type { Field, FieldKind, Options, OptionsIn, Schema } from './formula/options.ts';
export * from './formula/parse.ts';
export { printCall, printName } from './formula/print.ts';

export * from './host/embedder.ts';
export * from './host/host.ts';
export * from './host/retrieval.ts';
export * from './host/sandbox.ts';

export { readAnswer, type AnswerFormat, type AnswerReader } from './reading/answer.ts';
export { isSame, classesOf, type AnswerKind, type Equality, type FinalAnswer } from './reading/equality.ts';
export {
  ANSWER_FORMATS,
  answerIn,
  answersOf,
  declaring,
  expectedAnswer,
  extractAnswer,
  isAnswerFormat,
  type DeclaredFormat,
} from './reading/extract.ts';
export { splitThoughts, THOUGHT_TAGS, type Stretch, type ThoughtOptions, type ThoughtTag } from './reading/thoughts.ts';
export * from './reading/vote.ts';

export * from './technique/definition.ts';
export {
  basesOf,
  compositionOf,
  madeBy,
  namesIn,
  withOption,
  type Composition,
  type Made,
} from './technique/lineage.ts';
export * from './technique/prompt.ts';
export * from './technique/scorer.ts';
export * from './technique/technique.ts';

export * from './tokens/decoding.ts';
export type { Meter } from './tokens/meter.ts';
export * from './tokens/next-token.ts';
export type { Opened, Thoughts } from './tokens/terms.ts';
