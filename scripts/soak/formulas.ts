/**
 * Whole runs of random formulas, looked at one by one: `node scripts/soak/formulas.ts [--count 10000] [--from 0]`. It writes
 * docs/measurements/formulas.md, prints each run with something wrong and fails where there is one; `--only 17` looks at run 17 alone.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { look, USED, type Looked } from './whole-runs.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});
const from = Number(values.only ?? values.from);
const count = values.only === undefined ? Number(values.count) : 1;

const all: Looked[] = [];
const start = process.cpuUsage();
for (let number = from; number < from + count; number++) {
  const looked = await look(number);
  all.push(looked);
  if (looked.wrong.length > 0 || values.only !== undefined) console.log(JSON.stringify({ number, ...looked }, null, 2));
}
const { user, system } = process.cpuUsage(start);
const bad = all.filter(({ wrong }) => wrong.length > 0).length;
console.log(`${bad} of ${count} runs have something wrong; ${Math.round((user + system) / 1e6)} s of processor`);
if (values.only === undefined)
  writeFileSync(join(import.meta.dirname, '../../docs/measurements/formulas.md'), page(all, bad));
if (bad > 0) process.exitCode = 1;

function page(runs: readonly Looked[], wrong: number): string {
  const ended = (end: Looked['end']): number => runs.filter((one) => one.end === end).length;
  const limited = (name: keyof Looked['budget']): number =>
    runs.filter(({ budget }) => budget[name] !== undefined).length;
  const mixed = runs.filter(({ budget }) => Object.values(budget).filter((one) => one !== undefined).length > 1).length;
  const used = USED.filter(({ definition: { name } }) =>
    runs.some(({ formula }) => new RegExp(`(^|[ (])${name}(?![\\w])`).test(formula)),
  ).length;
  const calls = runs.reduce((sum, one) => sum + one.calls, 0);
  return `# Whole runs under limits

\`node scripts/soak/formulas.ts --from ${from} --count ${count}\` makes random formulas of at most three levels, of ${used} techniques, over
models that are free or paid, bounded or not, quick or slow, in one lane or in many, streamed or not, and that report, fail, keep silent,
lie about their usage, give fewer candidates than asked, give empty texts, or do not hear that they are cancelled; with judges, critics
and helpers that are such models too. Each run gets limits of its own, and some are stopped from outside. Time is a clock of their own,
so that limits in milliseconds and delays are as long as they say, and a run that waits for nothing is seen.

| | |
|---|---|
| runs | ${count.toLocaleString('en')} |
| calls of models | ${calls.toLocaleString('en')} |
| with a limit of calls, tokens, dollars, milliseconds | ${(['calls', 'tokens', 'usd', 'ms'] as const).map((name) => limited(name).toLocaleString('en')).join(', ')} |
| with several limits at once | ${mixed.toLocaleString('en')} |
| ended with an answer | ${ended('answer').toLocaleString('en')} |
| ended without one: no call, or none that answers, fitted or came through | ${ended('refused').toLocaleString('en')} |
| stopped from outside | ${ended('stopped').toLocaleString('en')} |
| threw what is no error of plusx | ${ended('failed').toLocaleString('en')} |
| **with something wrong** | **${wrong.toLocaleString('en')}** |

Wrong would be: calls, tokens or dollars over the limit by the books of the models; a call or an end after the milliseconds allowed; an end
later than the moment it was stopped; a run that never ends; an error although a model had answered the question as it was asked; an account that
differs from the sum of what was reported, by a token, or from the calls that were made; a number on it that is none.

\`src/core/accounts/limits.test.ts\` looks at some hundreds of them with every test run.
`;
}
