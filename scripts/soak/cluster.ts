/**
 * Distributed evaluations in which everything that can end does: `node scripts/soak/cluster.ts [--rounds 30] [--from 1] [--at-once 2]`. It
 * writes docs/measurements/cluster-faults.md, prints what is wrong and fails where anything is.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inWords } from '../../src/cli/cluster/test-support/faults.ts';
import { faultRound, LONGEST_S, type Round } from '../../src/cli/cluster/test-support/round.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    from: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '2' },
  },
});
const seeds = Array.from({ length: Number(values.rounds) }, (_, i) => Number(values.from) + i);
const rounds: Round[] = [];
const wrongOf = ({ wrong, beyond }: Round): readonly string[] =>
  beyond <= LONGEST_S ? wrong : [...wrong, `it took ${beyond.toFixed(1)} s beyond the work itself`];

const broken: string[] = [];
const waiting = [...seeds];
async function lane(): Promise<void> {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    const round = await faultRound(seed).catch((error: unknown) => {
      broken.push(`round ${seed} did not come to its end: ${String(error)}`);
    });
    if (!round) continue;
    rounds.push(round);
    const { beyond, plan } = round;
    console.log(`round ${seed}: ${beyond.toFixed(1)} s beyond the work itself; ${inWords(plan)}`);
    for (const one of wrongOf(round)) console.log(`  ${one}`);
  }
}
await Promise.all(Array.from({ length: Number(values['at-once']) }, lane));
rounds.sort((a, b) => a.seed - b.seed);

const wrong = [...rounds.flatMap(wrongOf), ...broken];
for (const one of broken) console.log(one);
const most = (of: (round: Round) => number): string => Math.max(...rounds.map(of)).toFixed(1);
const sorted = rounds.map(({ beyond }) => beyond).toSorted((a, b) => a - b);
const rows = rounds.map((round) => {
  const { seed, plan, beyond, takeover, again, alone } = round;
  const cells = [
    seed,
    plan.fsync ? 'on' : 'off',
    inWords(plan),
    beyond.toFixed(1),
    takeover?.toFixed(1) ?? '',
    again.taken,
    again.other,
    alone.toFixed(1),
    wrongOf(round).length,
  ];
  return `| ${cells.join(' | ')} |`;
});
const text = `# Many machines while things go wrong

Written by \`npm run soak:cluster -- --rounds ${seeds.length} --from ${seeds[0]}\`, ${values['at-once']} rounds at a time. In each, two workers with four items at a time and a
coordinator do an evaluation of 120 questions (\`selfConsistency(n=3)\`) as processes of their own on a PostgreSQL of their own. At moments that the seed
draws, one worker is killed for good, the coordinator is killed and started again, and PostgreSQL is restarted once and crashes once: it
ends at once, or all its processes are killed. A fault in brackets strikes while PostgreSQL is away for the one before it. With \`fsync\` off,
\`synchronous_commit\` is off as well: a crash then takes back what had just been acknowledged. A coordinator that was started while PostgreSQL
was away says so and ends, and is started again.

**${rounds.length} rounds, ${wrong.length} wrong.** From the last fault to the report, without the time that the calls take that were left: ${(sorted[Math.floor(sorted.length / 2)] as number).toFixed(1)} s in the middle, ${most(({ beyond }) => beyond)} s at
most; the goal is ${LONGEST_S} s. A unit that a killed worker had in flight was asked again ${most(({ takeover = 0 }) => takeover)} s later at most.

| seed | \`fsync\` | what ended, and after how many of 100 questions | s beyond the work | s to take over | asked again: of the killed worker | others | s of one process | wrong |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

Wrong would be: an exit code other than 0, a word of the coordinator or of the worker that lives; a report (\`--out\` and \`--report\`) that differs in a
byte from that of one process which nobody disturbs, with the same seed; a question that was not asked; a run, a result or a job
that is left behind; more than ${LONGEST_S} s. A question is asked again where a killed worker had it in flight, or where PostgreSQL lost the answer in a crash
with \`fsync\` off. The seconds are those of a machine that did other things beside this.

The slow suite does five of these: \`src/cli/cluster/faults.slow.test.ts\`.
`;
writeFileSync(join(import.meta.dirname, '../../docs/measurements/cluster-faults.md'), text);
console.log(`${rounds.length} rounds, ${wrong.length} wrong`);
if (wrong.length > 0) process.exitCode = 1;
