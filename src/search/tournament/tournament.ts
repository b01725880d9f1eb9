import { annotate, fork, gather, NoCandidates, option, progress, technique } from '../../core/index.ts';
import { compared, PAIRWISE } from '../shared/pairwise-comparison.ts';

/**
 * Draws `n` candidates and plays a knockout: neighbours are compared by a judge, winners go on, one is left.
 *
 *     n = 2:   P'(y) = P(y) Σ_z P(z) [W(y, z) + 1 − W(z, y)],   W(a, b): a drawn before b wins
 *
 * It is best-of-n for tasks without a score: comparing is easier for a model than grading. Each pair is judged in both orders,
 * so that a preference for a place cancels out, and candidates are shown without a name. A tied match goes to the one drawn
 * first. If the number of candidates is odd, the last one goes on without a match. One wrong verdict can put the best one out;
 * `roundRobin` asks more and forgives more.
 *
 * Cost: `n` calls for the draws and 2(n−1) for the judge, in 1 + log2 n rounds. At a budget's limit unplayed matches are
 * ties. Errors: NoCandidates when no draw comes back. Sources: Chen et al., "A simple and provable scaling law for the
 * test-time compute of large language models", 2024; Zheng et al., "Judging LLM-as-a-judge", 2023, for both orders.
 */
export const tournament = technique({
  name: 'tournament',
  room: 'search',
  summary: 'draw n candidates, a judge plays a knockout',
  paper: 'Chen et al., 2024; Zheng et al., 2023',
  options: { n: option.integer({ doc: 'candidates drawn', min: 1, default: 4 }), ...PAIRWISE },
  calls: 'n + 2*(n - 1)',
  rounds: '1 + ceil(log2(n))',
  semantics: ({ n }) => ({
    kind: 'heuristic',
    target: `the winner of a knockout of ${n} draws from P`,
    why: 'a model is the judge, and a knockout need not find the best even for a judge who is right',
  }),
  async run(base, request, context, { n, judge = base, compare }) {
    const { samples } = await base.sample({ ...request, n }, context);
    let standing = samples.map((sample, i) => ({ sample, i }));
    for (let round = 1; standing.length > 1; round++) {
      const at = fork(context, `round/${round}`);
      const pairs = standing.flatMap((a, k) => {
        const b = standing[k + 1];
        return b && k % 2 === 0 ? [{ a, b }] : [];
      });
      const played = await gather(
        at,
        pairs.map(({ a, b }, k) => async (inner) => {
          const inside = fork(inner, `match/${k}`);
          const net = await compared([a.sample, b.sample], request, inside, { judge, compare });
          progress(context, `round ${round}: candidate ${a.i + 1} ${net >= 0 ? 'before' : 'behind'} ${b.i + 1}`);
          return [k, net] as const;
        }),
      );
      const nets = new Map(played); // a match that was lost is a tie
      const winners = pairs.map(({ a, b }, k) => ((nets.get(k) ?? 0) >= 0 ? a : b));
      standing = [...winners, ...standing.slice(2 * pairs.length)]; // an odd one out goes on
    }
    const [winner] = standing;
    if (!winner) throw new NoCandidates({ technique: 'tournament', why: 'no draw came back' });
    return annotate(winner.sample, { candidates: samples.length, candidate: winner.i });
  },
});
