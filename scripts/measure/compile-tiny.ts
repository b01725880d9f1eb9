/**
 * What `compile` finds for the embedded model on families of its held-out questions, beside the best single technique that the same budget
 * finds by trying each alone: `node scripts/measure/compile-tiny.ts [FAMILY...]`. Both are chosen on the first questions of a family, and
 * measured on others, which neither has seen.
 */
import { techniques } from '../../src/catalog.ts';
import { compile, parseSpace, type Compiled } from '../../src/compile/index.ts';
import { memoryJournal, type FormulaScope } from '../../src/core/index.ts';
import { evaluate, pairedDifference, type Evaluation } from '../../src/evaluate/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { loadTask } from '../../src/tasks/index.ts';

const CHOSEN_ON = 160;
const MEASURED_ON = 200;
const BUDGET = { calls: 2500 };
const PER_QUESTION = { calls: 12 };

const ALONE =
  'anyOf(selfConsistency(n=[3, 5, 9, 12]), temperature(t=0), leastToMost, pal, rephraseAndRespond, paraphrase(n=5), critic(check=equations), selfRefine(rounds=1))';
const COMPOSED =
  'maybe(temperature(t=[0, 0.5])) + maybe(anyOf(leastToMost, pal, rephraseAndRespond, paraphrase(n=5), critic(check=equations))) + maybe(selfConsistency(n=[3, 5]))';
const FAMILIES = ['steps', 'garbled', 'hops2', 'hops3', 'passage', 'rare'];

const scope: FormulaScope = { techniques, model: () => undefined };
const asked = process.argv.slice(2);
const percent = (value: number): string => (100 * value).toFixed(1);

console.log(
  '| family | base | best single | right | calls | compiled | right | calls | difference | calls of the search |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const family of asked.length > 0 ? asked : FAMILIES) {
  const task = await loadTask(`tiny:${family}`);
  const base = tiny();
  const chosenOn = { ...task, items: task.items.slice(0, CHOSEN_ON) };
  const rest = { ...task, items: task.items.slice(CHOSEN_ON, CHOSEN_ON + MEASURED_ON) };
  const journal = memoryJournal();
  const search = (space: string): Promise<Compiled> =>
    compile(parseSpace(space, scope), chosenOn, { model: base, budget: BUDGET, perQuestion: PER_QUESTION, journal });
  const single = await search(ALONE);
  const composed = await search(COMPOSED);
  const measure = (of: Pick<Compiled, 'model'>): Promise<Evaluation> => evaluate(of.model, rest, { journal });
  const [alone, a, b] = [await measure({ model: base }), await measure(single), await measure(composed)];
  const pairs = a.results.flatMap(({ grade }, i) => {
    const other = b.results[i]?.grade;
    return grade === undefined || other === undefined ? [] : [[grade, other] as const];
  });
  const { difference, ci95 } = pairedDifference(
    pairs.map(([one]) => one),
    pairs.map(([, other]) => other),
  );
  const calls = (of: Evaluation): string => (of.usage.calls / of.items).toFixed(1);
  const spent = composed.report.stages.reduce((sum, stage) => sum + stage.calls, 0);
  console.log(
    `| ${family} | ${percent(alone.accuracy)} | \`${single.plus || 'base'}\` | ${percent(a.accuracy)} | ${calls(a)} | \`${composed.plus || composed.report.picked}\`${composed.report.improved ? '' : ' (no improvement found)'} | ${percent(b.accuracy)} | ${calls(b)} | ${percent(difference)} (${percent(ci95[0])} to ${percent(ci95[1])}) | ${spent} |`,
  );
}
