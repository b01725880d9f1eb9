import { annotate, leader, tally, votesOf, type Context, type Facts, type Sample } from '../../core/index.ts';

/**
 * The candidate that a vote elects: the first one with the winning answer, with the facts of the vote. If no candidate has
 * an answer, it is the first candidate, with a warning. There must be at least one candidate.
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
  const votes = classes.filter(({ answer }) => answer !== null);
  const [{ weight } = { weight: 0 }] = votes;
  if (votes.length > 2 && votes.every((one) => one.count === 1 && one.weight === weight))
    context.ledger.warn({
      code: 'all-differ',
      message: `${technique}: no two of ${votes.length} answers agree, so the vote decides nothing and the first is kept. Set \`extract\` if they say the same.`,
    });
  if (winner) return annotate({ ...(samples[winner.first] as Sample), answer: winner.answer }, facts);
  context.ledger.warn({
    code: 'no-answer',
    message: `${technique}: none of ${samples.length} candidates has a final answer: the first is returned. Ask for one in the prompt, or set \`extract\`.`,
  });
  return annotate({ ...(samples[0] as Sample), answer: null }, facts);
}
