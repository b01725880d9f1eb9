import { annotate, fork, gather, NoCandidates, option, progress, technique, type Sample } from '../../core/index.ts';
import { compared, PAIRWISE } from '../shared/pairwise-comparison.ts';

/**
 * Draws `n` candidates, has a judge compare every two of them, and keeps the one with the most points: 1 for a comparison
 * won, ½ for a tie. Equal points go to the one drawn first.
 *
 *     P'(y) = Σ over y_1 … y_n and verdicts of Π P(y_i) · P(verdicts | x, y_1 … y_n) · [y has the most points]
 *
 * Each pair is judged in both orders, so that a preference for a place cancels out, and candidates are shown without a name.
 * Unlike in a knockout (`tournament`) no single wrong verdict decides, but the comparisons grow with n² and not with n.
 *
 * Cost: `n` calls for the draws and n(n−1) for the judge, in 2 rounds. At a budget's limit unplayed matches are ties.
 * Errors: NoCandidates when no draw comes back. Source: Copeland, "A reasonable social welfare function", 1951; Zheng et
 * al., "Judging LLM-as-a-judge", 2023, for judging in both orders.
 */
export const roundRobin = technique({
  name: 'roundRobin',
  room: 'search',
  summary: 'draw n candidates, a judge compares every two',
  paper: 'Copeland, 1951; Zheng et al., 2023',
  options: { n: option.integer({ doc: 'candidates drawn', min: 1, default: 4 }), ...PAIRWISE },
  calls: 'n + n*(n - 1)',
  rounds: '2',
  semantics: ({ n }) => ({
    kind: 'heuristic',
    target: `the most points among ${n} draws from P compared in pairs`,
    why: 'a model is the judge',
  }),
  async run(base, request, context, { n, judge = base, compare }) {
    const { samples } = await base.sample({ ...request, n }, context);
    const pairs = samples.flatMap((a, i) => samples.slice(i + 1).map((b, k) => ({ a, b, i, j: i + 1 + k })));
    const played = await gather(
      context,
      pairs.map(({ a, b, i, j }) => async (inner) => {
        const net = await compared([a, b], request, fork(inner, `match/${i}-${j}`), { judge, compare });
        progress(context, `candidate ${i + 1} ${net > 0 ? 'before' : net < 0 ? 'behind' : 'beside'} ${j + 1}`);
        return { i, j, net };
      }),
    );
    const nets = new Map(played.map(({ i, j, net }) => [`${i}-${j}`, net])); // a match that was lost is a tie
    const points = samples.map(() => 0);
    for (const { i, j } of pairs) {
      const share = (1 + Math.sign(nets.get(`${i}-${j}`) ?? 0)) / 2;
      points[i] = (points[i] as number) + share;
      points[j] = (points[j] as number) + 1 - share;
    }
    const most = Math.max(...points);
    const at = points.indexOf(most);
    if (at === -1) throw new NoCandidates({ technique: 'roundRobin', why: 'no draw came back' });
    return annotate(samples[at] as Sample, { candidates: samples.length, candidate: at, points: most });
  },
});
