/** Scorers a formula can name. None of them sees the right answer. */
import { scorer, textOf, type NamedScorer, type Sample } from '../core/index.ts';

const length = (sample: Sample): number => textOf(sample.content).length;

/** Mean log-probability of a token where they are known, of the whole text otherwise; `NaN` where neither is. */
function confidence({ tokens, logprob }: Sample): number {
  if (tokens && tokens.length > 0) return tokens.reduce((sum, token) => sum + token.logprob, 0) / tokens.length;
  return logprob ?? Number.NaN;
}

export const SCORERS: { readonly [name: string]: NamedScorer } = {
  length: scorer('length', length),
  shortest: scorer('shortest', (sample) => -length(sample)),
  confidence: scorer('confidence', confidence),
};

/** One line each, for the help. */
export const SCORER_HELP: { readonly [name: string]: string } = {
  'judge(MODEL)': 'another model rates each candidate from 0 to 10; judge(MODEL, criteria="...") says what to look for',
  length: 'the longest text',
  shortest: 'the shortest text',
  confidence: 'the highest log-probability (mean a token); needs a model that reports log-probabilities',
};
