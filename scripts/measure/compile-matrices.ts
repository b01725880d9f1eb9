/**
 * What compile's own parts make of recorded answers of real models: `node scripts/measure/compile-matrices.ts FOLDER [--json] [--splits 200] [--first 0]`.
 *
 * Each cell is one set of questions and one model. 50 questions of it are labelled, by a seed; everything is chosen by them, and measured
 * on the rest. What other cells say enters as well, from their own 50 labelled questions only. `--first` is the seed of the first split.
 */
import { parseArgs } from 'node:util';
import {
  foretold,
  panelOf,
  pickOf,
  proposals,
  shrunk,
  walked,
  type Column,
  type Elsewhere,
  type GradedTask,
  type Proposal,
} from '../../src/compile/index.ts';
import { mean, student, type Interval } from '../../src/evaluate/index.ts';
import { cellsIn, type Cell } from './matrices/cells.ts';
import { splitOf } from './matrices/split.ts';

const LABELLED = 50;
/** Calls a question that a composition may take, on average. */
const MOST_CALLS = 2;
/** The same, for the front of quality against calls, over fewer splits. */
const FRONT = [1.25, 1.5, 1.75, 2, 2.5, 3];
const FRONT_SPLITS = 20;
/** How much nearer a cell is that has the model or the questions in common. */
const NEAR = 10;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    splits: { type: 'string', default: '200' },
    first: { type: 'string', default: '0' },
  },
});
const [folder] = positionals;
if (folder === undefined)
  throw new Error(
    'Name a folder of matrix_NAME.jsonl.gz: node scripts/measure/compile-matrices.ts FOLDER [--json] [--splits 200] [--first 0]',
  );
const cells = cellsIn(folder);

interface Figures {
  readonly always: number;
  readonly argmax: number;
  readonly picked: number;
  readonly composed: number;
  readonly composedCost: number;
  readonly hindsight: number;
  readonly routed: number;
  readonly routedCost: number;
  readonly oracle: number;
  readonly vote: number;
}

interface Labelled {
  readonly cell: Cell;
  readonly columns: readonly Column[];
  readonly panels: readonly Proposal[];
  readonly single: ReadonlyMap<string, number>;
  readonly joint: ReadonlyMap<string, number>;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** 50 questions for every set, the same for all of its models. */
function labelled(split: number, most: number): readonly Labelled[] {
  const sides = new Map<string, { train: number[]; test: number[] }>();
  return cells.map((cell) => {
    const count = cell.grades[0]?.length ?? 0;
    const side = sides.get(cell.set) ?? splitOf(count, LABELLED, `${split} ${cell.set}`);
    sides.set(cell.set, side);
    const columns = cell.seen.map((seen, i): Column => ({
      seen: side.train.map((q) => seen[q] as Column['seen'][number]),
      grades: side.train.map((q) => cell.grades[i]?.[q] as number),
      cost: 1,
    }));
    const panels = proposals(columns, { most });
    const single = new Map(columns.map(({ grades }, i) => [cell.techniques[i] as string, mean(grades)]));
    const joint = new Map([...single, ...panels.map((panel) => [nameOf(cell, panel), mean(panel.grades)] as const)]);
    return { cell, columns, panels, single, joint, ...side };
  });
}

/** A cell as a task: its kin are those with the same questions and those with the same model. */
const gradedOf = ({ cell, columns }: Labelled): GradedTask => ({
  grades: new Map(columns.map(({ grades }, i) => [cell.techniques[i] as string, grades])),
  kin: [cell.set, cell.model],
});

const nameOf = ({ techniques }: Cell, { order }: Proposal): string => order.map((i) => techniques[i]).join(' > ');

function measured(own: Labelled, singles: ReadonlyMap<string, number>, all: readonly Labelled[]): Figures {
  const { cell, columns, panels, single, joint, test } = own;
  const graded = (technique: number): number => mean(test.map((q) => cell.grades[technique]?.[q] as number));
  const means = cell.techniques.map((_, i) => graded(i));
  const elsewhere = all
    .filter((one) => one !== own)
    .map((one): Elsewhere => ({
      means: one.joint,
      items: LABELLED,
      weight: one.cell.model === cell.model || one.cell.set === cell.set ? NEAR : 1,
    }));
  const picked = pickOf(
    columns.map(({ grades, cost }, i) => ({
      grades,
      cost,
      techniques: 1,
      expected: singles.get(cell.techniques[i] as string),
    })),
  );
  const joined = shrunk({ means: joint, items: LABELLED }, elsewhere);
  const [panel] = panels.toSorted(
    (a, b) => (joined.get(nameOf(cell, b)) as number) - (joined.get(nameOf(cell, a)) as number),
  );
  const composed = panel && played(panel, cell, test);
  const order = columns
    .map((_, i) => i)
    .toSorted(
      (a, b) =>
        (singles.get(cell.techniques[b] as string) as number) - (singles.get(cell.techniques[a] as string) as number),
    );
  const weights = order.map((i) => weightOf(singles.get(cell.techniques[i] as string) as number));
  const router = panelOf(columns, order, Infinity, weights) as Proposal;
  const routed = played(router, cell, test);
  return {
    always: means[Math.max(0, cell.techniques.indexOf('COT'))] as number,
    argmax: means[argmaxOf([...single.values()])] as number,
    picked: means[picked] as number,
    composed: composed?.accuracy ?? (means[picked] as number),
    composedCost: composed?.cost ?? 1,
    hindsight: Math.max(...means),
    routed: routed.accuracy,
    routedCost: routed.cost,
    oracle: mean(test.map((q) => Math.max(...cell.grades.map((grades) => grades[q] as number)))),
    vote: played(panelOf(columns, order, Infinity) as Proposal, cell, test).accuracy,
  };
}

const argmaxOf = (all: readonly number[]): number => all.indexOf(Math.max(...all));
const weightOf = (p: number): number =>
  Math.log(Math.min(0.95, Math.max(0.3, p)) / (1 - Math.min(0.95, Math.max(0.3, p)))) + 1;

function played(
  { order, panel }: Proposal,
  { seen, grades }: Cell,
  test: readonly number[],
): { readonly accuracy: number; readonly cost: number } {
  let [right, calls] = [0, 0];
  for (const q of test) {
    const { asked, elected } = walked(
      panel,
      order.map((i) => seen[i]?.[q] as Column['seen'][number]),
    );
    right += grades[order[elected] as number]?.[q] as number;
    calls += asked;
  }
  return { accuracy: right / test.length, cost: calls / test.length };
}

function run(splits: number, most: number): readonly (readonly Figures[])[] {
  return Array.from({ length: splits }, (_, split) => {
    const all = labelled(Number(values.first) + split, most);
    const singles = foretold(all.map(gradedOf));
    return all.map((own, i) => measured(own, singles[i] as ReadonlyMap<string, number>, all));
  });
}

/** The mean over cells and splits, in per cent. */
const percent = (of: (figures: Figures) => number): number =>
  rounded(100 * mean(figures.map((all) => mean(all.map(of)))));
const rounded = (value: number): number => Math.round(100 * value) / 100;

/** The mean difference of two figures, with its 95% interval over the cells. */
function gain(
  a: (of: Figures) => number,
  b: (of: Figures) => number,
): { readonly difference: number; readonly ci95: Interval } {
  const byCell = cells.map((_, i) => 100 * mean(figures.map((all) => b(all[i] as Figures) - a(all[i] as Figures))));
  const [lo, hi] = student(byCell);
  return { difference: rounded(mean(byCell)), ci95: [rounded(lo), rounded(hi)] };
}

const figures = run(Number(values.splits), MOST_CALLS);
const hindsight = (of: Figures): number => of.hindsight;
const summary = {
  cells: cells.length,
  always: percent((of) => of.always),
  picked: percent((of) => of.picked),
  composed: percent((of) => of.composed),
  composedCost: rounded(mean(figures.map((all) => mean(all.map((of) => of.composedCost))))),
  hindsight: percent(hindsight),
  routed: percent((of) => of.routed),
  oracle: percent((of) => of.oracle),
  argmax: percent((of) => of.argmax),
  vote: percent((of) => of.vote),
  routedCost: rounded(mean(figures.map((all) => mean(all.map((of) => of.routedCost))))),
  splits: figures.length,
  recovered: rounded(
    (100 * (percent((of) => of.picked) - percent((of) => of.argmax))) /
      (percent(hindsight) - percent((of) => of.argmax)),
  ),
  gains: {
    pickedOverArgmax: gain(
      (of) => of.argmax,
      (of) => of.picked,
    ),
    composedOverHindsight: gain(hindsight, (of) => of.composed),
    routedOverPicked: gain(
      (of) => of.picked,
      (of) => of.routed,
    ),
    routedOverHindsight: gain(hindsight, (of) => of.routed),
  },
};
if (values.json) console.log(JSON.stringify(summary));
else {
  console.log(JSON.stringify(summary, null, 2));
  console.log('\n| calls a question, at most | taken | right |\n|---|---|---|');
  for (const most of FRONT) {
    const all = run(FRONT_SPLITS, most).flat();
    console.log(
      `| ${most} | ${mean(all.map((of) => of.composedCost)).toFixed(2)} | ${(100 * mean(all.map((of) => of.composed))).toFixed(2)} |`,
    );
  }
  console.log(
    '\n| set | model | argmax | picked | hindsight | composed | calls | routed | calls |\n|---|---|---|---|---|---|---|---|---|',
  );
  cells.forEach(({ set, model }, i) => {
    const of = (figure: (one: Figures) => number, by = 100): string =>
      (by * mean(figures.map((all) => figure(all[i] as Figures)))).toFixed(by === 1 ? 2 : 1);
    console.log(
      `| ${set} | ${model} | ${of((one) => one.argmax)} | ${of((one) => one.picked)} | ${of(hindsight)} | ${of((one) => one.composed)} | ${of((one) => one.composedCost, 1)} | ${of((one) => one.routed)} | ${of((one) => one.routedCost, 1)} |`,
    );
  });
}
