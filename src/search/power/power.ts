import { annotate, NoCandidates, option, technique, type Sample } from '../../core/index.ts';
import { walk } from '../shared/metropolis-hastings.ts';

/**
 * Raises the distribution of whole texts to a power, from samples and their own log-probabilities alone.
 *
 *     P'(y) → P(y)^alpha / Z  as steps grow;    after t steps P' = P K^t,  K: propose z ~ P, move with min(1, (P(z)/P(y))^(alpha−1))
 *
 * Above 1 it is sharper, below 1 flatter, and at 1 it is the base. Powers multiply: alpha over a base that is itself P^beta
 * goes to P^(alpha·beta). The log-probability must be that of the whole text under the distribution it was drawn from. A text
 * that a token limit cut off has only that of its beginning: it wins too often, and there is a warning. For a base that can be
 * continued or opened, `powerSampling` makes better proposals than whole new texts.
 *
 * Cost: `steps + 1` calls in 1 round. Errors: NoCandidates where a draw has no log-probability. Source: Karan and Du,
 * "Reasoning with sampling: your base model is smarter than you think", 2025; Metropolis et al., 1953.
 */
export const power = technique({
  name: 'power',
  room: 'search',
  summary: 'sharpen the distribution of texts by its own log-probabilities',
  paper: 'Karan & Du, 2025',
  options: {
    alpha: option.number({ doc: 'the power: above 1 is sharper', min: 0, default: 4 }),
    steps: option.integer({ doc: 'proposals', min: 0, default: 8 }),
  },
  needs: () => ['logprobs'],
  calls: 'steps + 1',
  rounds: '1',
  semantics: ({ alpha, steps }) => ({
    kind: 'asymptotic',
    target: `P^${alpha} / Z`,
    why: `a Markov chain in detailed balance with it, ${steps} steps from P`,
  }),
  async run(base, request, context, { alpha, steps }) {
    const asked = { ...request, n: steps + 1, logprobs: request.logprobs ?? true };
    const { samples } = await base.sample(asked, context);
    const at = walk(
      samples.map((sample) => (alpha - 1) * logprobOf(sample)),
      context,
    );
    const end = samples[at];
    if (!end) throw new NoCandidates({ technique: 'power', why: 'no draw came back' });
    const cut = samples.filter(({ finish }) => finish.unified === 'length').length;
    if (cut > 0)
      context.ledger.warn({
        code: 'cut-off',
        message: `power: ${cut} of ${samples.length} texts were cut off, and the beginning of a text is likelier than the whole. Raise \`maxOutputTokens\`.`,
      });
    return annotate(end, { proposals: samples.length - 1, draw: at });
  },
});

function logprobOf({ logprob }: Sample): number {
  if (logprob === undefined)
    throw new NoCandidates({
      technique: 'power',
      why: 'a draw has no log-probability of its whole text, which a server gives at neutral settings only',
    });
  return logprob;
}
