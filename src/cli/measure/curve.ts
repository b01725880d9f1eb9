/** `plusx curve`: accuracy against the number of samples, with intervals, as a table and as a picture. */
import { basesOf, madeBy, memoryJournal, type Journal } from '../../core/index.ts';
import {
  curve as measure,
  curveSvg,
  curvesReport,
  pointCurve,
  type Curve,
  type CurveChartOptions,
  type CurveProgress,
} from '../../evaluate/index.ts';
import { both, worstCase } from '../../evaluate/worst-case.ts';
import { worstCaseOfCurve, worstCaseOfEvaluation } from '../../evaluate/worst-case-of-runs.ts';
import type { Over } from '../compose/options.ts';
import { isInterrupted, writeInterrupted, writeWarnings } from '../run.ts';
import { recordedOf } from '../../models/pool/index.ts';
import type { Store } from '../../store/index.ts';
import { itemsOf } from '../../evaluate/eval.ts';
import { addressForWorkers, type WorkersOptions } from '../cluster/options.ts';
import type { Workers } from '../cluster/coordinating.ts';
import type { Formula } from '../cluster/spec.ts';
import { UsageError } from '../failure.ts';
import { throughBatches, type BatchVerbOptions } from './batch.ts';
import { openStoreFor, runSettings } from './eval.ts';
import { pausable, steerable } from './under-way/steering.ts';
import { tellOddities } from './oddities.ts';
import { CURVE_ITEM } from '../../evaluate/curve/result.ts';
import { reportFile } from '../compose/report.ts';
import { calledEach, mayBegin, type Spending } from '../compose/spending.ts';
import { loadTaskAndModels, onItems, oracleOf, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, jsonText, type Output, type Terminal } from '../terminal/terminal.ts';
import {
  count,
  duration,
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

export interface CurveOptions extends Omit<TaskOptions, 'model' | 'plus'>, WorkersOptions, BatchVerbOptions {
  readonly model?: readonly string[] | undefined;
  readonly plus?: readonly string[] | undefined;
  readonly over: Over;
  /** Draws what the same draws give without X: a vote, the likeliest of n, greedy decoding. */
  readonly baselines?: true | undefined;
  /** Samples of a vote that is forecast from the pools. */
  readonly forecast?: number | undefined;
  readonly svg?: string | undefined;
  readonly out?: string | undefined;
  readonly report?: string | undefined;
  /** Of the picture. */
  readonly title?: string | undefined;
  readonly label?: readonly string[] | undefined;
  readonly x?: CurveChartOptions['x'];
  /** Name of the run in the store. */
  readonly run?: string | undefined;
}

/** A formula, and what of it varies; nothing does of greedy decoding. */
interface Line extends TaskAndModel {
  readonly over: Over | undefined;
  /** The formula in the words of the command line. */
  readonly words: Formula;
}

export async function curve(address: string, given: CurveOptions, outer: Terminal): Promise<number> {
  const terminal = steerable(outer);
  const { options, noteIn } = throughBatches(given, terminal);
  const { quiet, label: labels, title, x } = options;
  if (options.workers) addressForWorkers(options);
  if (options.workers && x === 'seconds')
    throw new UsageError(
      '--workers and --x seconds do not go together: time is measured where nothing else runs. Leave one of them out.',
    );
  const lines = await linesOf(address, options, terminal);
  tellOddities((lines[0] as Line).task, options, terminal);
  if (!(await mayBegin(spendingOf(lines, options), options, terminal))) return EXIT.good;
  await using documentFile = await outputFile(options.out);
  await using picture = await outputFile(options.svg, { shared: true });
  await using report = await reportFile(options.report);
  const store = await openStoreFor(options);
  noteIn(store);
  let curves: Curve[];
  try {
    curves = options.workers
      ? await byWorkersInRun(store, { address, lines }, options, terminal)
      : await inRun(store, lines, options, terminal);
  } finally {
    await terminal.steering.end();
    await store?.close();
  }
  const interrupted = isInterrupted(terminal);
  const all = curves.map((one) => ({
    ...one,
    ...(knows(one) && { oracle: true }),
    ...(interrupted && { interrupted }),
  }));
  const document = jsonText(lines.length === 1 ? all[0] : { curves: all });
  if (options.json) terminal.out.write(document);
  else terminal.out.write(`${curves.map((one) => render(one, knows(one), terminal.out)).join('\n\n')}\n`);
  await documentFile?.write(document);
  const drawing = { title, x, ...(labels && { labels }) };
  await picture?.write(curveSvg(curves, drawing));
  await report?.write(curvesReport(curves, drawing), lines.length === 1 ? all[0] : { curves: all });
  writeWarnings(
    curves.flatMap(({ warnings }) => warnings),
    quiet,
    terminal,
  );
  if (interrupted) {
    writeInterrupted(terminal);
    return EXIT.interrupted;
  }
  return curves.some(({ failed }) => failed > 0) ? EXIT.itemsFailed : EXIT.good;
}

/** `64 samples would give 71.0% ± 3.0 (95%: 68.0% to 74.0%), by a forecast from pools of 8`. */
function forecastLine({ n, accuracy, band: [lo, hi], from }: NonNullable<Curve['forecast']>): string {
  const off = (50 * (hi - lo)).toFixed(1);
  return `${count(n)} samples would give ${percent(accuracy)} ± ${off} (95%: ${percent(lo)} to ${percent(hi)}), by a forecast from pools of ${count(from)}`;
}

export const knows = ({ formula }: Curve): boolean => /\boracle\b/.test(formula);

/** Each model with each X, and what stands beside them. */
async function linesOf(address: string, options: CurveOptions, terminal: Terminal): Promise<Line[]> {
  const { model: models = [], plus = [], over, baselines, ...settings } = options;
  const bases = models.length === 0 ? [undefined] : models;
  const formulas = bases.flatMap((model) =>
    (plus.length === 0 ? [undefined] : plus).map((one) => ({ model, plus: one })),
  );
  const subjects = await loadTaskAndModels(address, settings, formulas, terminal, oracleOf);
  const lines: Line[] = subjects.map((subject, i) => ({ ...subject, over, words: formulas[i] ?? {} }));
  if (!baselines) return lines;
  const draws = over.option === 'n' ? over.values : doubled(subjects);
  const plain: readonly (readonly [string, Over | undefined])[] = [
    ['selfConsistency', { option: 'n', values: draws }],
    ['bestOfN(score=confidence)', { option: 'n', values: draws }],
    ['request(temperature=0)', undefined],
  ];
  const left = new Set<string>();
  for (const model of bases)
    for (const [one, varied] of plain) {
      const words = { model, plus: one };
      const [subject] = await loadTaskAndModels(address, settings, [words], terminal, oracleOf);
      if (!subject || lines.some((line) => line.model.name === subject.model.name)) continue;
      const isRecorded = basesOf(subject.model).some((base) => recordedOf(base));
      if (varied === undefined && isRecorded)
        left.add(`${one} is not drawn: recorded samples have the temperature they have`);
      else if (one.includes('confidence') && !subject.base.can.logprobs)
        left.add(`${one} is not drawn: ${subject.base.name} gives no log-probabilities`);
      else lines.push({ ...subject, over: varied, words });
    }
  writeWarnings(
    [...left].map((message) => ({ code: 'baseline', message })),
    options.quiet,
    terminal,
  );
  return lines;
}

/** 1, 2, 4 and so on, up to the calls of the dearest formula. */
function doubled(subjects: readonly TaskAndModel[]): number[] {
  const most = Math.max(...subjects.map(({ model }) => worstCase(model, { prompt: [] }).calls ?? 16), 2);
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
}

/** The same, with items that workers do: all points of a curve together, since they share draws, and one curve after the other. */
async function byWorkersInRun(
  store: Store | undefined,
  { address, lines }: { address: string; lines: readonly Line[] },
  options: CurveOptions,
  terminal: Terminal,
): Promise<Curve[]> {
  const { byWorkers } = await import('../cluster/coordinating.ts');
  const [{ task }] = lines as readonly [Line];
  const facts = { formulas: lines.map(({ words }) => words), over: lines.map(({ over }) => over), records: false };
  const units = lines.length * itemsOf(task, options.limit).length;
  return byWorkers(
    { verb: 'curve', task: address, subjects: lines, ...facts, units },
    options,
    terminal,
    (workers, run) => inRun(store, lines, { ...options, run }, terminal, workers),
  );
}

/** The curves as a run of the store, where it has a name: its calls are kept, and the same command goes on with them. */
async function inRun(
  store: Store | undefined,
  lines: readonly Line[],
  options: CurveOptions,
  terminal: Terminal,
  workers?: Workers,
): Promise<Curve[]> {
  const { run, over, x, model: _, plus: __, ...settings } = options;
  const [{ task }] = lines as readonly [Line];
  const kept = run === undefined ? undefined : store;
  if (kept && run !== undefined)
    await kept.runs.open({
      name: run,
      task: task.name,
      formula: lines.map(({ model }) => model.name).join(' | '),
      seed: options.seed ?? 0,
      settings: { ...runSettings(task, settings), curve: { ...over } },
    });
  if (kept && run !== undefined) await terminal.steering?.begin(kept.runs, run);
  const ended = async (status: 'done' | 'failed'): Promise<void> => {
    const isEnded = isInterrupted(terminal) || workers?.isCancelled();
    if (kept && run !== undefined) await kept.runs.setStatus(run, isEnded ? 'stopped' : status);
  };
  // Formulas over one model make the same draws, so that they are paid for once.
  const shared = store?.journal ?? (lines.length > 1 ? memoryJournal() : undefined);
  const journal = pausable(shared, terminal);
  const curves: Curve[] = [];
  try {
    for (const [i, line] of lines.entries()) {
      if (isInterrupted(terminal)) break;
      const found = await measured(
        line,
        { ...options, run, timed: x === 'seconds', journal, forecast: forecastOf(line, lines, options) },
        terminal,
        workers?.how(i),
      ).catch((error: unknown) => {
        if (isInterrupted(terminal) && curves.length > 0) return undefined;
        throw error;
      });
      workers?.check();
      if (!found) continue;
      curves.push(found);
      if (kept && run !== undefined)
        await kept.runs.saveItem(run, { item: `${CURVE_ITEM}${i + 1}`, status: 'ok', result: found });
    }
    await ended('done');
    return curves;
  } catch (error) {
    await ended('failed');
    throw error;
  }
}

/** Of several curves, those of votes are forecast; a single one that is none is refused. */
function forecastOf({ model }: Line, { length }: readonly Line[], { forecast }: CurveOptions): number | undefined {
  return length === 1 || madeBy(model)?.technique.definition.name === 'selfConsistency' ? forecast : undefined;
}

function measured(
  line: Line,
  given: CurveOptions & { readonly timed: boolean; readonly journal: Journal | undefined },
  terminal: Terminal,
  how?: ReturnType<Workers['how']>,
): Promise<Curve> {
  const { model: _, plus: __, timed, journal, run, forecast, ...options } = given;
  const { task, model, over } = line;
  return onItems(line, options, terminal, (settings, bar) => {
    const asked = {
      ...settings,
      run,
      timed,
      partial: true,
      journal,
      ...how,
      onItem: ({ done, total, usage }: CurveProgress) => bar.update(done, usage, total),
    };
    return over
      ? measure(model, task, { ...asked, over: { [over.option]: over.values }, forecast })
      : pointCurve(model, task, asked);
  });
}

function spendingOf(lines: readonly Line[], { over, limit, x }: CurveOptions): Spending {
  const [first] = lines as readonly [Line];
  const { task } = first;
  const { option, values } = over;
  const items = Math.min(limit ?? Infinity, task.items.length);
  const worst = lines
    .map((line) =>
      line.over
        ? worstCaseOfCurve(line.model, task, line.over.option, line.over.values, limit, x === 'seconds')
        : worstCaseOfEvaluation(line.model, task, { limit }),
    )
    .reduce(both);
  const several = lines.length > 1 ? `, ${plural(lines.length, 'formula')}, whose shared draws are made once` : '';
  return {
    formula: lines.map(({ model }) => model.name).join(' | '),
    worst,
    of: calledEach(`${plural(items, 'item')}, ${option} up to ${Math.max(...values)}${several}`, worst, items),
    items,
    free: lines.every(({ free }) => free),
    prices: lines.flatMap(({ prices }) => prices),
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

/** A table and a picture of letters. `knows`: of a scorer that knows the right answers. */
export function render(result: Curve, knows: boolean, out: Output): string {
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
    ...(some(({ secondsPerItem }) => secondsPerItem)
      ? [
          {
            title: 'time',
            of: ({ secondsPerItem }: Point) =>
              duration(secondsPerItem === undefined ? undefined : 1000 * secondsPerItem),
          },
        ]
      : []),
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
    ...(result.forecast ? [forecastLine(result.forecast)] : []),
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
