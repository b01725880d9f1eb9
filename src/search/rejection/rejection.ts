import {
  annotate,
  applyScorer,
  attempt,
  checkDraws,
  drawOne,
  fork,
  gather,
  NoCandidates,
  option,
  progress,
  technique,
} from '../../core/index.ts';

/**
 * Draws until a candidate scores at least `threshold`, at most `n` times. If none is accepted, the best-scored one is kept.
 *
 *     P'(y) = P(y) (1 − F(t⁻)^n) / (1 − F(t⁻))         where s(y) ≥ t        → P(y | s(y) ≥ t) as n grows
 *     P'(y) = P(y | s(y)) (F(s(y))^n − F(s(y)⁻)^n)      where s(y) < t
 *
 * With a verifier and the default threshold it is the base, given that the verifier accepts. Candidates are looked at in the
 * order of their draws, however many are in flight.
 *
 * Cost: 1 / P(s ≥ t) calls on average and `n` at most, `parallel` of them side by side, plus the calls of the scorer.
 * Source: von Neumann, "Various techniques used in connection with random digits", 1951.
 */
export const rejection = technique({
  name: 'rejection',
  room: 'search',
  summary: 'draw until a candidate is accepted',
  paper: 'von Neumann, 1951',
  options: {
    score: option.scorer({ doc: 'verifier, function, reward or judge(MODEL): higher is better' }),
    threshold: option.number({ doc: 'the score at which a candidate is accepted', default: 1 }),
    n: option.integer({ doc: 'draws, at most', min: 1, default: 16 }),
    parallel: option.integer({ doc: 'draws in flight at once', min: 1, default: 1 }),
  },
  calls: 'n',
  rounds: 'ceil(n / parallel)',
  keepsPrompt: true,
  semantics: ({ threshold }) => ({
    kind: 'asymptotic',
    target: `P(y | s(y) >= ${threshold})`,
    why: 'accepted draws have the conditional law; that none of n is accepted gets ever less likely',
  }),
  async run(base, request, context, { score, threshold, n, parallel }) {
    checkDraws(base.name, n);
    const at = (from: number) => async (inner: typeof context) => {
      const sample = await drawOne(base, { ...request, from }, inner);
      const work = applyScorer(score, sample, request, fork(inner, `score/${from}`));
      const value = (await attempt(inner, work)) ?? Number.NaN; // the judge could not say
      progress(context, `draw ${from + 1} of ${n}: score ${value}, ${value >= threshold ? 'accepted' : 'rejected'}`);
      return { sample, value: Number.isNaN(value) ? -Infinity : value };
    };
    const drawn = await gather(
      context,
      { length: n, at },
      {
        alike: true,
        concurrency: Math.min(parallel, base.can.concurrency),
        until: (results) => (results.at(-1)?.value ?? -Infinity) >= threshold,
      },
    );
    const [first, ...others] = drawn;
    if (!first) throw new NoCandidates({ technique: 'rejection', why: 'no draw came back' });
    const best = others.reduce((top, next) => (next.value > top.value ? next : top), first);
    const accepted = best.value >= threshold;
    if (!accepted)
      context.ledger.warn({
        code: 'none-accepted',
        message: `rejection: none of ${drawn.length} candidates reached the score ${threshold}: the best one is returned. Raise \`n\` or lower \`threshold\`.`,
      });
    return annotate(best.sample, {
      accepted,
      draws: drawn.length,
      score: Number.isFinite(best.value) ? best.value : null,
    });
  },
});
