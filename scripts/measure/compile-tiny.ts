/**
 * What `compile` finds for the embedded model on families of held-out questions, beside the best single technique that the same budget finds
 * by trying each alone: `node scripts/measure/compile-tiny.ts [FAMILY...] [--questions FILE]`. Both are chosen on the first questions of a
 * family, and measured on others, which neither has seen. Of the single techniques that cost no more a question than what was compiled, the
 * one that looked best is the opponent. `python -m training.questions --items 2000 --out FILE` makes more questions than there are with the
 * model; `--skip 1000` leaves out the first thousand.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { techniques } from '../../src/catalog.ts';
import { compile, parseSpace, type Compiled } from '../../src/compile/index.ts';
import { memoryJournal, parse, user, type FormulaScope } from '../../src/core/index.ts';
import { evaluate, pairedDifference, type Evaluation } from '../../src/evaluate/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { openSandbox } from '../../src/sandbox/index.ts';
import { loadTask, type Task } from '../../src/tasks/index.ts';

const CHOSEN_ON = 200;
const MEASURED_ON = 500;
const BUDGET = { calls: 3000 };
const PER_QUESTION = { calls: 12 };

const ALONE =
  'anyOf(selfConsistency(n=[3, 5, 9, 12]), deepConf(n=[4, 12], keep=0.1, alternatives=0), temperature(t=0), leastToMost, decomposedPrompting, pal, rephraseAndRespond, paraphrase(n=5), critic(check=equations), selfRefine(rounds=1))';
const COMPOSED =
  'anyOf(maybe(temperature(t=0)) + maybe(anyOf(leastToMost, rephraseAndRespond, rephraseAndRespond + pal, pal, paraphrase(n=3), critic(check=equations))), maybe(anyOf(leastToMost, rephraseAndRespond, pal)) + selfConsistency(n=3))';
const FAMILIES = ['hops2', 'hops3', 'garbled', 'steps', 'large', 'passage', 'rare'];

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

/** Of the single techniques that stand in the front, the one that looked best among those that are no dearer. */
function opponentOf({ report }: Compiled, most: number): string {
  const rows = report.front.filter(({ calls }) => calls <= 1.05 * most);
  const [first, ...others] = rows;
  return first ? others.reduce((best, row) => (row.dev > best.dev ? row : best), first).formula : report.base.formula;
}

const sandbox = await openSandbox();
const host = { sandbox };
console.log(
  '| family | base | best single | right | calls | compiled | right | calls | difference | calls of the search |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const family of asked.length > 0 ? asked : FAMILIES) {
  const task = await familyOf(family);
  const first = Math.min(CHOSEN_ON, Math.floor(0.8 * task.items.length));
  const chosenOn = { ...task, items: task.items.slice(0, first) };
  const rest = { ...task, items: task.items.slice(first, first + MEASURED_ON) };
  const journal = memoryJournal();
  const search = (space: string): Promise<Compiled> =>
    compile(parseSpace(space, scope), chosenOn, {
      model: base,
      budget: BUDGET,
      perQuestion: PER_QUESTION,
      journal,
      host,
    });
  const single = await search(ALONE);
  const composed = await search(COMPOSED);
  const measure = (model: Compiled['model']): Promise<Evaluation> => evaluate(model, rest, { journal, host });
  const b = await measure(composed.model);
  const opponent = opponentOf(single, b.usage.calls / b.items);
  const [alone, a] = [await measure(base), await measure(parse(opponent, scope))];
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
    `| ${family} | ${percent(alone.accuracy)} | \`${plain(opponent)}\` | ${percent(a.accuracy)} | ${calls(a)} | \`${composed.plus || plain(composed.report.picked)}\`${composed.report.improved ? '' : ' (no improvement found)'} | ${percent(b.accuracy)} | ${calls(b)} | ${percent(difference)} (${percent(ci95[0])} to ${percent(ci95[1])}) | ${spent(single)}, ${spent(composed)} |`,
  );
}
await sandbox.close();
