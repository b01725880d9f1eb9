/** Rewards of candidates from the outcomes of comparisons in pairs. */

const PRIOR = 0.5;
const ROUNDS = 2_000;

/**
 * Log-strengths of the Bradley-Terry model, P(i beats j) = s_i / (s_i + s_j), of highest likelihood given how often each
 * beat each other, with half a win more on either side of each pair. The mean is 0. (Hunter, "MM algorithms for
 * generalized Bradley-Terry models", 2004)
 */
export function rewards(wins: ReadonlyArray<readonly number[]>): number[] {
  const against = (i: number, j: number): number => ((wins[i] as number[])[j] as number) + PRIOR;
  const others = wins.map((_, i) => wins.flatMap((__, j) => (i === j ? [] : [j])));
  let logs = wins.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const strengths = logs.map(Math.exp);
    const next = others.map((rivals, i) => {
      const won = rivals.reduce((sum, j) => sum + against(i, j), 0);
      const weight = rivals.reduce(
        (sum, j) => sum + (against(i, j) + against(j, i)) / ((strengths[i] as number) + (strengths[j] as number)),
        0,
      );
      return rivals.length === 0 ? 0 : Math.log(won / weight);
    });
    const mean = next.reduce((sum, x) => sum + x, 0) / (next.length || 1);
    const centred = next.map((x) => x - mean);
    const change = Math.max(0, ...centred.map((x, i) => Math.abs(x - (logs[i] as number))));
    logs = centred;
    if (change < 1e-14) break;
  }
  return logs;
}
