/**
 * Wall time of every technique in the catalog on an upstream that takes 50 ms a call and any number of calls at once,
 * against what its sequential rounds alone would take; and the calls it makes against the calls it says it makes.
 * Prints Markdown. Both are calculated from `calls` and `rounds` of the definitions, with the options of scripts/examples.ts.
 *
 *     node benchmarks/rounds.ts [technique ...]
 */
import { exampleOf, host, LATENCY } from '../scripts/examples.ts';
import { techniques } from '../src/catalog.ts';
import { rootScope, user, type AnyTechnique, type Model, type Usage } from '../src/core/index.ts';
import { evaluateExpression } from '../src/evaluate/expression.ts';

const RUNS = 7;

interface Measured {
  readonly calls: number;
  readonly ms: number;
}

async function timed(model: Model): Promise<{ readonly usage: Usage; readonly ms: number }> {
  const { context, close } = rootScope({ host });
  const start = performance.now();
  const { usage } = await model.sample({ prompt: [user('How much is 2 + 2?')] }, context);
  const ms = performance.now() - start;
  close();
  return { usage, ms };
}

async function measure(model: Model): Promise<Measured> {
  const { usage } = await timed(model); // and code that runs for the first time is not measured
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((await timed(model)).ms);
  return { calls: usage.calls, ms: times.toSorted((a, b) => a - b)[RUNS >> 1] ?? Number.NaN };
}

const notes: string[] = [];
const wanted = process.argv.slice(2);
const listed = techniques.filter(({ definition: { name } }) => wanted.length === 0 || wanted.includes(name));
const ratios: number[] = [];
console.log(
  `| technique | rounds | ideal ms | ms | ratio | calls stated | calls made |\n|---|---|---|---|---|---|---|`,
);
for (const technique of listed) await row(technique);
const worst = Math.max(...ratios);
const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
console.log(
  `\n${ratios.length} techniques, ${LATENCY} ms a call, median of ${RUNS} runs: ratio ${mean.toFixed(3)} on average, ${worst.toFixed(3)} at worst.`,
);
if (notes.length > 0) console.log(`\n${notes.map((note) => `- ${note}`).join('\n')}`);

async function row(technique: AnyTechnique): Promise<void> {
  const { name, room, calls, rounds } = technique.definition;
  try {
    const example = exampleOf(technique);
    if (!example)
      return void notes.push(
        room === 'decode'
          ? `\`${name}\` works token by token. It opens its base and makes no rounds of calls.`
          : `\`${name}\` has no row in scripts/examples.ts: add one with its options.`,
      );
    const { model, given, fewer } = example;
    const stated = evaluateExpression(calls, given);
    const ideal = evaluateExpression(rounds, given) * LATENCY;
    const { calls: made, ms } = await measure(model);
    ratios.push(ms / ideal);
    const cells = [name, ideal / LATENCY, ideal, ms.toFixed(1), (ms / ideal).toFixed(3), stated, made];
    console.log(`| ${cells.join(' | ')} |`);
    if (made !== stated)
      notes.push(`\`${name}\` states at most ${stated} calls and made ${made}${fewer ? `: ${fewer}` : ''}.`);
  } catch (error) {
    notes.push(`\`${name}\` could not be measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}
