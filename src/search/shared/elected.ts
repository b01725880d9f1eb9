import { annotate } from '../../core/index.ts';
import type { Context, Facts, Sample } from '../../core/index.ts';
import { leader, tally, votesOf } from './vote.ts';

/**
 * The candidate a vote elects: the first that gives the winning answer, with the facts of the vote. Where no candidate
 * has an answer, the first one and a warning. There must be a candidate.
 */
export function elected(
  context: Context,
  technique: string,
  samples: readonly Sample[],
  answers: readonly (string | null)[],
  weights?: readonly number[],
  more: Facts = {},
): Sample {
  const classes = tally(answers, weights);
  const winner = leader(classes);
  const facts = { ...votesOf(classes), samples: samples.length, ...more };
  if (winner) return annotate({ ...(samples[winner.first] as Sample), answer: winner.answer }, facts);
  context.ledger.warn({
    code: 'no-answer',
    message: `${technique}: none of ${samples.length} candidates has a final answer: the first is returned. Ask for one in the prompt, or set \`extract\`.`,
  });
  return annotate({ ...(samples[0] as Sample), answer: null }, facts);
}
