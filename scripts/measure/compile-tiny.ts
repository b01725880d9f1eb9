/**
 * What `compile` finds for the embedded model on families of held-out questions, beside the best single technique:
 * `node scripts/measure/compile-tiny.ts [FAMILY...] [--questions FILE]`. Both are chosen on the first questions of a family, and measured on
 * others, which neither has seen. The opponent is no search's find: each single technique that takes no more calls a question than what was
 * compiled answers all the questions that are chosen on, and the one that is right most often is taken, of equals the cheapest.
 * `python -m training.questions --items 6000 --out FILE` makes more questions than there are with the model; `--skip 5000` leaves out the
 * first five thousand.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { techniques } from '../../src/catalog.ts';
import { compile, parseSpace, type Compiled } from '../../src/compile/index.ts';
import { memoryJournal, parse, user, type FormulaScope, type Model } from '../../src/core/index.ts';
import { evaluate, pairedDifference, type Evaluation } from '../../src/evaluate/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { openSandbox } from '../../src/sandbox/index.ts';
import { loadTask, type Task } from '../../src/tasks/index.ts';

const CHOSEN_ON = 400;
const MEASURED_ON = 500;
/** Shows what a technique costs: one that is too dear to be the opponent is tried no further. */
const TRIED_ON = 20;
const BUDGET = { calls: 10_000 };
const PER_QUESTION = { calls: 12 };

const ALONE = [
  ...[3, 5, 9, 12].map((n) => `selfConsistency(n=${n})`),
  ...[4, 12].map((n) => `deepConf(n=${n}, keep=0.1, alternatives=0)`),
  'temperature(t=0)',
  'leastToMost',
  'decomposedPrompting',
  'pal',
  'rephraseAndRespond',
  'paraphrase(n=5)',
  'critic(check=equations)',
  'selfRefine(rounds=1)',
];
const COMPOSED =
  'anyOf(maybe(temperature(t=0)) + maybe(anyOf(leastToMost, rephraseAndRespond, rephraseAndRespond + pal, pal, paraphrase(n=3), critic(check=equations))), maybe(anyOf(leastToMost, rephraseAndRespond, pal)) + selfConsistency(n=3))';
const FAMILIES = ['hops2', 'hops3', 'garbled', 'large', 'steps', 'strange', 'passage', 'rare'];

const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { questions: { type: 'string' }, skip: { type: 'string', default: '0' } },
});
const base = tiny();
const scope: FormulaScope = { techniques, model: (name) => (name === base.name ? base : undefined) };
const percent = (value: number): string => (100 * value).toFixed(1);

async function familyOf(family: string): Promise<Task> {
  const task = await loadTask(`tiny:${family}`);
  if (values.questions === undefined) return task;
  const made = gunzipSync(readFileSync(values.questions))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly [field: string]: string });
  const items = made.flatMap(({ task: of, id, input, expected }) =>
    of === family && input !== undefined ? [{ id: `${id}`, request: { prompt: [user(input)] }, expected }] : [],
  );
  return { ...task, items: items.length > CHOSEN_ON + Number(values.skip) ? items.slice(Number(values.skip)) : items };
}

interface Measured {
  readonly formula: string;
  readonly right: number;
  /** Calls a question. */
  readonly cost: number;
}

/** What is right most often at no more than a cost, of equals the cheapest. */
function bestOf(measured: readonly Measured[], most: number): Measured {
  const [first, ...others] = measured.filter(({ cost }) => cost <= most);
  if (!first) throw new Error('not even the base is so cheap');
  const isBetter = (a: Measured, b: Measured): boolean => a.right > b.right || (a.right === b.right && a.cost < b.cost);
  return others.reduce((best, one) => (isBetter(one, best) ? one : best), first);
}

const sandbox = await openSandbox();
const host = { sandbox };
console.log(
  '| family | base | best single | right | calls | compiled | right | calls | difference, 95% | calls of the search | of the singles |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
for (const family of asked.length > 0 ? asked : FAMILIES) {
  const task = await familyOf(family);
  const first = Math.min(CHOSEN_ON, Math.floor(0.8 * task.items.length));
  const chosenOn = { ...task, items: task.items.slice(0, first) };
  const rest = { ...task, items: task.items.slice(first, first + MEASURED_ON) };
  const journal = memoryJournal();
  const composed = await compile(parseSpace(COMPOSED, scope), chosenOn, {
    model: base,
    budget: BUDGET,
    perQuestion: PER_QUESTION,
    journal,
    host,
  });
  const measure = (model: Model, on: Task): Promise<Evaluation> => evaluate(model, on, { journal, host });
  const b = await measure(composed.model, rest);
  const most = 1.05 * (b.usage.calls / b.items);
  const singles: Measured[] = [];
  let trials = 0;
  for (const formula of [base.name, ...ALONE.map((plus) => `${base.name} + ${plus}`)]) {
    const model = parse(formula, scope);
    const few = await measure(model, { ...chosenOn, items: chosenOn.items.slice(0, TRIED_ON) });
    const isDear = few.usage.calls / few.items > 1.5 * most;
    const { accuracy, usage, items } = isDear ? few : await measure(model, chosenOn);
    singles.push({ formula, right: accuracy, cost: usage.calls / items });
    trials += usage.calls;
  }
  const opponent = bestOf(singles, most).formula;
  const [alone, a] = [await measure(base, rest), await measure(parse(opponent, scope), rest)];
  const pairs = a.results.flatMap(({ grade }, i) => {
    const other = b.results[i]?.grade;
    return grade === undefined || other === undefined ? [] : [[grade, other] as const];
  });
  const { difference, ci95 } = pairedDifference(
    pairs.map(([one]) => one),
    pairs.map(([, other]) => other),
  );
  const calls = (of: Evaluation): string => (of.usage.calls / of.items).toFixed(1);
  const spent = (of: Compiled): number => of.report.stages.reduce((sum, stage) => sum + stage.calls, 0);
  const plain = (formula: string): string => formula.replace(`${base.name} + `, '');
  console.log(
    `| ${family} | ${percent(alone.accuracy)} | \`${plain(opponent)}\` | ${percent(a.accuracy)} | ${calls(a)} | \`${composed.plus || plain(composed.report.picked)}\`${composed.report.improved ? '' : ' (no improvement found)'} | ${percent(b.accuracy)} | ${calls(b)} | ${percent(difference)} (${percent(ci95[0])} to ${percent(ci95[1])}) | ${spent(composed)} | ${trials} |`,
  );
}
await sandbox.close();
