/**
 * What a check that runs is worth on recorded answers of real models: prints a table of docs/measurements/search.md.
 * node scripts/measure/verified.ts, which reads ../shared/data and runs Python (2 minutes).
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { plus, questionOf, scorer, textOf, type Scorer } from '../../src/core/index.ts';
import { curve } from '../../src/evaluate/index.ts';
import { readJsonLines } from '../../src/models/pool/index.ts';
import { openSandbox } from '../../src/sandbox/index.ts';
import { bestOfN, selfConsistency } from '../../src/search/index.ts';
import { isSolution } from '../../src/tasks/game24.ts';
import { loadTask } from '../../src/tasks/index.ts';
import { DATA } from './matrix.ts';

const fileOf = (pool: string): string => join(DATA, `replay/${pool}.jsonl.gz`);
const sandbox = await openSandbox({ workers: availableParallelism() });

/** The expression is computed, and uses the four numbers of the puzzle. */
const countdown = scorer('countdown', ({ answer, content }, { prompt }) =>
  Number(isSolution(answer ?? textOf(content), questionOf(prompt))),
);

/**
 * The call that the model proposes is run: it must return what the question asks for, which the record has as an input that
 * returns it.
 */
async function calling(pool: string): Promise<Scorer> {
  const wanted = new Map<string, string>();
  for (const { value } of await readJsonLines(fileOf(pool), 'a question'))
    wanted.set(String(value['question']), String(value['gold']));
  const known = new Map<string, Promise<number>>();
  const run = async (code: string): Promise<number> => {
    const ended = await sandbox.run({ language: 'python', code });
    return Number(ended.kind === 'value' && ended.value === true);
  };
  return scorer('runs', ({ content }, { prompt }) => {
    const program = questionOf(prompt);
    const code = `${program}\nanswer = (${textOf(content)}) == f(${wanted.get(program)})`;
    const found = known.get(code) ?? run(code);
    known.set(code, found);
    return found;
  });
}

console.log('| pool | 1 sample | vote of n | best of n by running | any right (pass@n) |\n|---|---|---|---|---|');
for (const [pool, n, check] of [
  ['game24_gpt4_standard', 100, countdown],
  ['game24_gpt4_cot', 100, countdown],
  ['cruxeval_input_codellama7b', 10, await calling('cruxeval_input_codellama7b')],
] as const) {
  const task = await loadTask(`pool:${fileOf(pool)}`);
  if (!task.model) throw new Error('a pool brings its model');
  const over = { n: [1, n] };
  const [votes, best] = [
    await curve(plus(task.model, selfConsistency()), task, { over }),
    await curve(plus(task.model, bestOfN({ score: check })), task, { over }),
  ];
  const cells = [votes.curve[0]?.accuracy, votes.curve[1]?.accuracy, best.curve[1]?.accuracy, best.curve[1]?.pass];
  console.log(`| ${pool}, n=${n} | ${cells.map((one) => (100 * (one ?? Number.NaN)).toFixed(2)).join(' | ')} |`);
}
await sandbox.close();
