/** Scorers a formula can name. None of them sees the right answer. */
import { countdown, equations } from '../../tasks/verifiers.ts';
import { meanLogprob, scorer, textOf, type NamedScorer, type Sample } from '../../core/index.ts';

const length = (sample: Sample): number => textOf(sample.content).length;

export const SCORERS: { readonly [name: string]: NamedScorer } = {
  length: scorer('length', length),
  shortest: scorer('shortest', (sample) => -length(sample)),
  equations,
  countdown,
  confidence: scorer('confidence', (sample) => meanLogprob(sample) ?? Number.NaN),
};

/** One line each, for the help. */
export const SCORER_HELP: { readonly [name: string]: string } = {
  'judge(MODEL)': 'another model rates each candidate from 0 to 10; judge(MODEL, criteria="...") says what to look for',
  length: 'the longest text',
  shortest: 'the shortest text',
  equations: 'every equation a+b=c in the text is true (1 or 0)',
  countdown: 'the steps reach the target of a countdown game (1 or 0)',
  confidence: 'the highest log-probability (mean a token); needs a model that reports log-probabilities',
};
