import {
  attempt,
  draftAt,
  fork,
  NoCandidates,
  option,
  technique,
  writtenOf,
  type Context,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';

/**
 * Draws from a power of the distribution of whole texts, by Metropolis-Hastings from the model's own log-probabilities.
 *
 *     P'(y) → P(y)^alpha / Z as steps grow
 *
 * `independent` proposes whole new texts, all drawn at once, and accepts with min(1, (P(y)/P(x))^(alpha−1)). `suffix`
 * cuts the text at a uniform place, writes on from there, and accepts with
 *
 *     min(1, (P(y)/P(x))^(alpha−1) · (|x|+1)/(|y|+1))
 *
 * where the lengths are what makes it correct: a place is one of |x|+1 in x and one of |y|+1 in y. Places are between
 * tokens where the base tells its tokens, else between characters. Texts cut off by a limit break both rules.
 *
 * Cost: `steps + 1` calls, in 1 round (`independent`) or `steps + 1` (`suffix`). At a budget's limit: the text after the
 * steps that were paid for. Errors: NoCandidates where the base gives no log-probability.
 * Source: Karan and Du, "Reasoning with sampling: your base model is smarter than you think", 2025.
 */
export const powerSampling = technique({
  name: 'powerSampling',
  room: 'decode',
  summary: 'draw from a power of the distribution of texts',
  paper: 'Karan and Du, 2025',
  options: {
    alpha: option.number({ doc: 'the power: above 1 is sharper', min: 0, default: 4 }),
    steps: option.integer({ doc: 'proposals', min: 0, default: 8 }),
    kernel: option.oneOf(['independent', 'suffix'], { doc: 'what is proposed', default: 'independent' }),
  },
  calls: 'steps + 1',
  rounds: 'kernel === "suffix" ? steps + 1 : 1',
  needs: ({ kernel }) => (kernel === 'suffix' ? ['logprobs', 'continueFrom'] : ['logprobs']),
  semantics: ({ alpha }) => ({
    kind: 'asymptotic',
    target: `P^${alpha} / Z`,
    why: 'a Markov chain in detailed balance with the target, started at P',
  }),
  run: (base, request, context, { alpha, steps, kernel }) =>
    (kernel === 'suffix' ? suffix : independent)(base, { ...request, logprobs: request.logprobs ?? true }, context, {
      alpha,
      steps,
    }),
});

interface Chain {
  readonly alpha: number;
  readonly steps: number;
}

async function independent(base: Model, request: Request, context: Context, { alpha, steps }: Chain): Promise<Sample> {
  const { samples } = await base.sample({ ...request, n: steps + 1 }, context);
  return samples.reduce(
    (x, y, i) => (accepts(context, i, (alpha - 1) * (logprobOf(y) - logprobOf(x))) ? y : x),
    first(samples),
  );
}

async function suffix(base: Model, request: Request, context: Context, { alpha, steps }: Chain): Promise<Sample> {
  let x = first((await base.sample({ ...request, n: 1 }, draftAt(context, 'start'))).samples);
  for (let i = 0; i < steps; i++) {
    const before = pieces(x);
    const place = context.choice.fork(`cut/${i}`).categorical(Array.from({ length: before.length + 1 }, () => 1));
    const prefix = before.slice(0, place).join('');
    const work = continued(base, { ...request, n: 1 }, prefix, fork(context, `step/${i}`));
    const y = await attempt(context, work);
    if (y === undefined) break;
    const lengths = Math.log((before.length + 1) / (pieces(y).length + 1));
    if (accepts(context, i, (alpha - 1) * (logprobOf(y) - logprobOf(x)) + lengths)) x = y;
  }
  return x;
}

async function continued(base: Model, request: Request, prefix: string, at: Context): Promise<Sample> {
  return first((await base.continueFrom?.(request, prefix, at))?.samples ?? []);
}

/** One choice between keeping and taking: with probability min(1, e^logRatio) it takes. */
function accepts({ choice }: Context, step: number, logRatio: number): boolean {
  const ratio = Math.min(1, Math.exp(logRatio));
  return choice.fork(`accept/${step}`).categorical([1 - ratio, ratio]) === 1;
}

function pieces(sample: Sample): readonly string[] {
  return sample.tokens?.map(({ token }) => token).filter((token) => token !== '') ?? Array.from(writtenOf(sample));
}

function first(samples: readonly Sample[]): Sample {
  const [sample] = samples;
  if (!sample) throw new NoCandidates({ technique: 'powerSampling', why: 'no draw came back' });
  return sample;
}

function logprobOf({ logprob }: Sample): number {
  if (logprob === undefined)
    throw new NoCandidates({ technique: 'powerSampling', why: 'a draw has no log-probability' });
  return logprob;
}
