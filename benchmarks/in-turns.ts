/** Things that write tokens, measured in turns, so that all meet the same company on the machine. */

/** Tokens a second of the clock, and of processor time. */
export interface Rate {
  readonly clock: number;
  readonly processor: number;
}

/** The rates of each thing, round by round; a round before the first is not counted. What works `elsewhere` has no processor time here. */
export async function inTurns(
  tasks: ReadonlyMap<string, () => Promise<number>>,
  rounds: number,
  elsewhere: (what: string) => boolean = () => false,
): Promise<ReadonlyMap<string, readonly Rate[]>> {
  const rates = new Map<string, Rate[]>();
  for (let round = 0; round <= rounds; round++)
    for (const [what, work] of tasks) {
      const start = performance.now();
      const used = process.cpuUsage();
      const tokens = await work();
      const clock = (tokens / (performance.now() - start)) * 1e3;
      const { user, system } = process.cpuUsage(used);
      const processor = elsewhere(what) ? Number.NaN : (tokens / (user + system)) * 1e6;
      if (round > 0) rates.set(what, [...(rates.get(what) ?? []), { clock, processor }]);
    }
  return rates;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] as number;

export function medianRate(rates: readonly Rate[]): Rate {
  return { clock: median(rates.map(({ clock }) => clock)), processor: median(rates.map(({ processor }) => processor)) };
}
