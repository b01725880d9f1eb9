/** `plusx regrade`: what was answered, graded again with another metric, without asking again. */
import type { Limits } from '../../core/index.ts';
import {
  regrade,
  type Answered,
  type ItemResult,
  type Regraded,
  type RegradedFormula,
  type RegradeOptions as RegradeSettings,
} from '../../evaluate/index.ts';
import { formulaOf } from '../../evaluate/regrade.ts';
import { both, NOTHING, times, worstCaseOfReader } from '../../evaluate/worst-case.ts';
import { metricOf, type FileMetric } from '../../tasks/index.ts';
import { answeredBefore, STORE } from '../compose/answered.ts';
import { compose, ownOf } from '../compose/compose.ts';
import { openHost } from '../compose/host.ts';
import { recordsFile } from '../compose/records.ts';
import { calledEach, mayBegin, type Spending, type SpendingOptions } from '../compose/spending.ts';
import { metricNamed } from '../compose/task.ts';
import { tagLines } from './eval.ts';
import { UsageError } from '../failure.ts';
import { isInterrupted, openJournal, waitsOn, writeInterrupted, writeWarnings } from '../run.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, jsonText, type Output, type Terminal } from '../terminal/terminal.ts';
import { accountLine, count, oneLine, percent, plural, wrap } from '../terminal/text.ts';

export interface RegradeOptions extends SpendingOptions {
  readonly metric: string;
  readonly judge?: string | undefined;
  readonly import?: readonly string[] | undefined;
  readonly store?: string | undefined;
  readonly out?: string | undefined;
  readonly records?: string | undefined;
  readonly seed?: number | string | undefined;
  readonly budget?: Limits | undefined;
}

export async function regradeRun(run: string, options: RegradeOptions, terminal: Terminal): Promise<number> {
  const { judge, quiet, json, seed, budget } = options;
  const { metric, free } = await metricFor(options, terminal);
  const answered = await answeredBefore(run, options.store);
  if (!(await mayBegin(spendingOf(answered, metric, free), options, terminal))) return EXIT.good;
  await using file = await outputFile(options.out);
  await using records = await recordsFile(options.records);
  const { host, close } = await openHost();
  const { journal, close: closeJournal } = await openJournal(journalOf(run, metric, options));
  let done: (() => Regraded) | undefined;
  let result: Regraded;
  try {
    const onProgress = waitsOn(terminal, quiet);
    const { signal } = terminal;
    const onItem: RegradeSettings['onItem'] = ({ soFar }) => (done = soFar);
    result = await regrade(answered, metric, { seed, budget, host, journal, signal, onProgress, onItem });
  } catch (error) {
    if (!isInterrupted(terminal) || !done) throw error;
    result = done();
  } finally {
    await close();
    await closeJournal();
  }
  const interrupted = isInterrupted(terminal);
  const { results, ...figures } = result;
  const summary = { ...figures, ...(interrupted && { interrupted, total: answered.results.length }) };
  terminal.out.write(json ? jsonText(summary) : `${render(result, judge !== undefined, terminal.out)}\n`);
  await file?.write(jsonText({ ...summary, results }));
  for (const item of results) records?.add(item, { ...result, formula: formulaOf(item) ?? result.formula });
  await records?.written();
  writeWarnings(result.warnings, quiet, terminal);
  if (interrupted) {
    writeInterrupted(terminal);
    return EXIT.interrupted;
  }
  return result.failed > 0 ? EXIT.itemsFailed : EXIT.good;
}

/** Where verdicts are kept that a model gives: in the store that is named, or that of the run. */
function journalOf(run: string, { asks }: FileMetric, { store }: RegradeOptions): string | undefined {
  if (!asks) return undefined;
  return store ?? (/\.jsonl?(?:\.gz)?$/i.test(run) ? undefined : STORE);
}

async function metricFor(
  { metric: name, judge, import: files }: RegradeOptions,
  terminal: Terminal,
): Promise<{ readonly metric: FileMetric; readonly free: boolean }> {
  const named = metricNamed(name, await ownOf(files, terminal));
  if (typeof named === 'object') return { metric: named, free: named.asks === undefined };
  if (named === 'judge' && judge === undefined)
    throw new UsageError('--metric judge needs the model that judges: add --judge MODEL.');
  const judged = judge === undefined ? undefined : await compose({ model: judge, import: files }, terminal);
  return { metric: metricOf(named ?? name, { judge: judged?.model }), free: judged?.free !== false };
}

function spendingOf({ formula, results }: Answered, metric: FileMetric, free: boolean): Spending {
  const each = ({ replies }: ItemResult) => times(worstCaseOfReader(metric.asks, { prompt: [] }), replies.length);
  const worst = results.map(each).reduce(both, NOTHING);
  return { formula, worst, of: calledEach(plural(results.length, 'item'), worst, results.length), free };
}

function render(result: Regraded, judged: boolean, out: Output): string {
  const { task, formula, metric, usage, spending, formulas } = result;
  const lineOf = ([name, text]: readonly [string, string]): string => `  ${name.padEnd(9)} ${text}`;
  return [
    ...(formulas ? [] : [out.paint('bold', wrap(oneLine(formula), out.columns - 1, '  '))]),
    out.paint('dim', wrap(`on ${oneLine(task)}, metric ${oneLine(metric)}`, out.columns - 1, '  ')),
    ...(formulas ?? [result]).flatMap((one) => [
      '',
      ...(formulas ? [out.paint('bold', `  ${wrap(oneLine(one.formula), out.columns - 3, '    ')}`)] : []),
      ...rowsOf(one, out).map(lineOf),
      ...tagLines(one.tags, out),
    ]),
    ...(judged ? [...(formulas ? [''] : []), lineOf(['in all', accountLine(usage, spending)])] : []),
  ].join('\n');
}

function rowsOf(
  { accuracy, ci95, items, failed, before, changed }: RegradedFormula,
  out: Output,
): readonly (readonly [string, string])[] {
  return [
    ['accuracy', `${out.paint('bold', percent(accuracy))}  (95%: ${percent(ci95[0])} to ${percent(ci95[1])})`],
    ['before', `${percent(before.accuracy)} with ${oneLine(before.metric)}`],
    [
      'items',
      `${count(items)}, ${count(changed)} graded otherwise${failed > 0 ? `, ${count(failed)} without a reply` : ''}`,
    ],
  ];
}
