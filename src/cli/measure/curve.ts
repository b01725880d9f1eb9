/** `plusx curve`: accuracy against the number of samples, with intervals, as a table and as a picture. */
import { curve as measure, curveSvg, type Curve, type CurveChartOptions } from '../../evaluate/index.ts';
import { worstCaseOfCurve } from '../../evaluate/worst-case-of-runs.ts';
import type { Over } from '../compose/options.ts';
import { isInterrupted, writeInterrupted, writeWarnings } from '../run.ts';
import type { Store } from '../../store/index.ts';
import { openStoreFor, runSettings } from './eval.ts';
import { calledEach, mayBegin, type Spending } from '../compose/spending.ts';
import { loadTaskAndModel, onItems, oracleOf, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, jsonText, type Output, type Terminal } from '../terminal/terminal.ts';
import {
  count,
  money,
  oneLine,
  percent,
  plural,
  table,
  accountLine,
  width,
  wrap,
  type Column,
} from '../terminal/text.ts';

export interface CurveOptions extends TaskOptions {
  readonly over: Over;
  readonly svg?: string | undefined;
  readonly out?: string | undefined;
  /** Of the picture. */
  readonly title?: string | undefined;
  readonly label?: string | undefined;
  readonly x?: CurveChartOptions['x'];
  /** Name of the run in the store. */
  readonly run?: string | undefined;
}

export async function curve(address: string, options: CurveOptions, terminal: Terminal): Promise<number> {
  const { over, quiet } = options;
  const subject = await loadTaskAndModel(address, options, terminal, oracleOf);
  const { task, model } = subject;
  if (!(await mayBegin(spendingOf(subject, options), options, terminal))) return EXIT.good;
  await using documentFile = await outputFile(options.out);
  await using picture = await outputFile(options.svg, { shared: true });
  const store = await openStoreFor(options);
  let result: Curve;
  try {
    result = await inRun(store, subject, options, terminal, () =>
      onItems(subject, options, terminal, (settings, bar) =>
        measure(model, task, {
          ...settings,
          over: { [over.option]: over.values },
          run: options.run,
          partial: true,
          journal: store?.journal,
          onItem: ({ done, total, usage }) => bar.update(done, usage, total),
        }),
      ),
    );
  } finally {
    await store?.close();
  }
  const interrupted = isInterrupted(terminal);
  const knows = /\boracle\b/.test(model.name);
  const document = jsonText({ ...result, ...(knows && { oracle: true }), ...(interrupted && { interrupted }) });
  if (options.json) terminal.out.write(document);
  else terminal.out.write(`${render(result, knows, terminal.out)}\n`);
  const { title, label, x } = options;
  await documentFile?.write(document);
  await picture?.write(curveSvg([result], { title, x, ...(label !== undefined && { labels: [label] }) }));
  writeWarnings(result.warnings, quiet, terminal);
  if (interrupted) {
    writeInterrupted(terminal);
    return EXIT.interrupted;
  }
  return result.failed > 0 ? EXIT.itemsFailed : EXIT.good;
}

/** The curve as a run of the store, where it has a name: its calls are kept, and the same command goes on with them. */
async function inRun(
  store: Store | undefined,
  { task, model }: TaskAndModel,
  options: CurveOptions,
  terminal: Terminal,
  work: () => Promise<Curve>,
): Promise<Curve> {
  const { run, over } = options;
  if (!store || run === undefined) return work();
  const settings = { ...runSettings(task, options), curve: { ...over } };
  await store.runs.open({ name: run, task: task.name, formula: model.name, seed: options.seed ?? 0, settings });
  try {
    const result = await work();
    await store.runs.setStatus(run, isInterrupted(terminal) ? 'stopped' : 'done');
    return result;
  } catch (error) {
    await store.runs.setStatus(run, isInterrupted(terminal) ? 'stopped' : 'failed');
    throw error;
  }
}

function spendingOf({ task, model, free, prices }: TaskAndModel, { over, limit }: CurveOptions): Spending {
  const { option, values } = over;
  const items = Math.min(limit ?? Infinity, task.items.length);
  const worst = worstCaseOfCurve(model, task, option, values, limit);
  return {
    formula: model.name,
    worst,
    of: calledEach(`${plural(items, 'item')}, ${option} up to ${Math.max(...values)}`, worst, items),
    free,
    prices,
  };
}

const METHODS = {
  pool: 'every point from one pool of samples an item, without bias',
  runs: 'every point a run of its own',
} as const;
const BAR = 24;

type Point = Curve['curve'][number];
interface Cell extends Column {
  readonly of: (point: Point) => string;
}

/** The table, without the last columns where they do not fit. */
function fitting(cells: readonly Cell[], points: readonly Point[], out: Output): string[] {
  const rows = points.map((point) => cells.map(({ of }) => of(point)));
  const lines = table(cells, rows, (line) => line).split('\n');
  return cells.length > 3 && Math.max(...lines.map(width)) + 2 >= out.columns
    ? fitting(cells.slice(0, -1), points, out)
    : lines;
}

function render(result: Curve, knows: boolean, out: Output): string {
  const { formula, task, metric, items, total, over, curve: points, method, usage, failed, exhausted } = result;
  const some = (pick: (point: Point) => unknown): boolean => points.some((point) => pick(point) !== undefined);
  const withPass = some(({ pass }) => pass);
  const withTokens = some(({ tokensPerItem }) => tokensPerItem);
  const withMoney = points.some(({ usdPerItem }) => (usdPerItem ?? 0) > 0);
  const cells: readonly Cell[] = [
    { title: over, of: ({ n }) => count(n) },
    { title: 'accuracy', of: ({ accuracy }) => percent(accuracy) },
    { title: '95% interval', of: ({ ci95: [lo, hi] }) => `${percent(lo)} – ${percent(hi)}` },
    ...(withPass ? [{ title: `pass@${over}`, of: ({ pass }: Point) => percent(pass) }] : []),
    { title: 'samples', of: ({ samplesPerItem }) => count(Number(samplesPerItem.toFixed(2)), 2) },
    ...(withTokens ? [{ title: 'tokens', of: ({ tokensPerItem }: Point) => count(tokensPerItem, 0) }] : []),
    ...(withMoney ? [{ title: 'cost', of: ({ usdPerItem }: Point) => money(usdPerItem) }] : []),
  ];
  const lines = fitting(cells, points, out);
  const room = out.columns - Math.max(...lines.map(width)) - 6;
  const top = Math.max(...points.map(({ accuracy, pass }) => Math.max(accuracy, pass ?? 0)), 1e-9);
  const length = Math.min(BAR, room);
  const barOf = ({ accuracy, pass = accuracy }: Point): string => {
    const filled = Math.round((length * accuracy) / top);
    const more = Math.max(0, Math.round((length * pass) / top) - filled);
    return `  ${out.paint('cyan', '█'.repeat(filled))}${out.paint('dim', '░'.repeat(more))}`;
  };
  const widest = Math.max(...lines.slice(1).map(width));
  const notes = [
    ...(knows ? ['oracle knows the right answers: this is the ceiling of every scorer, no method.'] : []),
    ...(length >= 6 && withPass
      ? [`solid: accuracy, light: pass@${over}, the chance that one of the samples is right`]
      : []),
    ...(failed > 0 ? [`${plural(failed, 'item')} failed`] : []),
    ...(exhausted ? [`cut short: the budget (${exhausted}) ran out`] : []),
    accountLine(usage, result.spending),
  ];
  return [
    out.paint('bold', wrap(oneLine(formula), out.columns - 1, '  ')),
    out.paint(
      'dim',
      wrap(
        `on ${oneLine(task)}, ${items < total ? `asked ${count(items)} of ${plural(total, 'item')}` : plural(items, 'item')}, metric ${metric}`,
        out.columns - 1,
        '  ',
      ),
    ),
    out.paint('dim', wrap(METHODS[method], out.columns - 1)),
    '',
    ...lines.map((line, i) => {
      const point = points[i - 1];
      const text = i === 0 ? out.paint('dim', line) : line;
      return `  ${text}${point && length >= 6 ? ' '.repeat(widest - width(line)) + barOf(point) : ''}`.trimEnd();
    }),
    '',
    ...notes.map((note) => `  ${out.paint('dim', wrap(note, out.columns - 3).replaceAll('\n', '\n  '))}`),
  ].join('\n');
}
