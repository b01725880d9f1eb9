/** What a run of benchmarks/serve.ts saw, as a page. */
export interface Row {
  readonly what: string;
  readonly value: string;
  readonly goal?: string | undefined;
}

export interface Run {
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly cores: number;
  readonly loadBefore: readonly number[];
  readonly loadAfter: readonly number[];
  readonly hasOther: boolean;
}

export function page({ rows, rounds, cores, loadBefore, loadAfter, hasOther }: Run): string {
  const shown = (all: readonly number[]): string => (all[0] ?? 0).toFixed(1);
  return `# The server's speed

Written by \`node benchmarks/serve.ts --page\`. The upstream, a proxy in \`node:http\` that reads nothing${hasOther ? ', `plusx serve` and optillm' : ' and `plusx serve`'} are
processes of their own on one machine of ${cores} cores, and so are the clients, which send bytes over plain sockets. All are asked in turns;
each figure is the median of ${rounds} rounds (votes: at most 5), and a ratio or difference is taken within a round. \`plusx serve\` has a store
and looks up a key; a key with a budget has every request reserved and settled in the store besides. The load of the machine was
${shown(loadBefore)} before the run and ${shown(loadAfter)} at its end, its own processes included.

| | measured | goal on quiet cores |
|---|---|---|
${rows.map(({ what, value, goal }) => `| ${what} | ${value} | ${goal ?? ''} |`).join('\n')}
`;
}
