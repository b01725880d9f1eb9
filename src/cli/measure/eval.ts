/** `plusx eval`: accuracy of a model on a task, with its interval and what it cost. */
import {
  evaluate as measure,
  evaluationReport,
  evaluationSoFar,
  wasAsked,
  type Evaluation,
  type ItemResult,
} from '../../evaluate/index.ts';
import { worstCaseOfEvaluation } from '../../evaluate/worst-case-of-runs.ts';
import type { Store } from '../../store/index.ts';
import type { Task } from '../../tasks/index.ts';
import { UsageError } from '../failure.ts';
import { isInterrupted, writeInterrupted, writeWarnings } from '../run.ts';
import { loadTaskAndModel, onItems, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { STORE } from '../compose/answered.ts';
import type { Split } from '../compose/options.ts';
import { pausable, steerable } from './under-way/steering.ts';
import { recordsFile, type RecordsFile } from '../compose/records.ts';
import { reportFile } from '../compose/report.ts';
import { settingsIn } from '../compose/request.ts';
import { calledEach, mayBegin, type Spending } from '../compose/spending.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, jsonText, type Output, type Terminal } from '../terminal/terminal.ts';
import { clip, count, duration, money, oneLine, percent, plural, accountLine, table, wrap } from '../terminal/text.ts';
import { openStoreAt } from '../store/open.ts';
import { itemsOf, repeatsOf } from '../../evaluate/eval.ts';
import { howDivided } from '../cluster/division.ts';
import { addressForWorkers, type WorkersOptions } from '../cluster/options.ts';
import type { Workers } from '../cluster/coordinating.ts';
import { throughBatches, type BatchVerbOptions } from './batch.ts';
import { savingItems } from './under-way/saving.ts';

export interface EvalOptions extends TaskOptions, WorkersOptions, BatchVerbOptions {
  readonly repeats?: number | undefined;
  /** With workers: what one unit of their work is. */
  readonly split?: Split | undefined;
  /** Name of the run in the store. */
  readonly run?: string | undefined;
  /** Ask again only what failed in the run; all else stands. */
  readonly retryErrors?: true | undefined;
  /** Where a report goes: .html, .md, .csv or .json. */
  readonly report?: string | undefined;
  /** Where the JSON document goes, with the results of each item. */
  readonly out?: string | undefined;
  /** Where a line an item goes: the question, the reply, what was written on the way, the grade. */
  readonly records?: string | undefined;
}

const FAILURES_SHOWN = 3;

export async function evaluate(address: string, given: EvalOptions, outer: Terminal): Promise<number> {
  const terminal = steerable(outer);
  const { options, noteIn } = throughBatches(given, terminal);
  if (options.retryErrors && options.run === undefined)
    throw new UsageError('--retry-errors tries again what failed in a run: say which with --run NAME.');
  if (options.workers) addressForWorkers(options);
  const subject = await loadTaskAndModel(address, options, terminal);
  checkSplit(options, subject);
  if (!(await mayBegin(spendingOf(subject, options), options, terminal))) return EXIT.good;
  await using file = await outputFile(options.out);
  await using records = await recordsFile(options.records);
  await using report = await reportFile(options.report);
  const store = await openStoreFor(options);
  noteIn(store);
  const start = terminal.steering.clock.now();
  try {
    const kept = { store, records };
    const result = options.workers
      ? await measureByWorkers(kept, address, subject, options, terminal)
      : await measureInRun(kept, subject, options, terminal);
    const interrupted = isInterrupted(terminal);
    const document = { ...result, ...(interrupted && { interrupted }) };
    const { results, ...summary } = document;
    if (options.json) terminal.out.write(jsonText(summary));
    else terminal.out.write(`${render(result, terminal.steering.clock.now() - start, terminal.out)}\n`);
    await file?.write(jsonText(document));
    await report?.write(evaluationReport(result), document);
    await records?.written();
    if (!options.quiet) writeFailures(results, terminal);
    writeWarnings(result.warnings, options.quiet, terminal);
    if (interrupted) {
      writeInterrupted(terminal);
      return EXIT.interrupted;
    }
    return result.failed > 0 ? EXIT.itemsFailed : EXIT.good;
  } finally {
    await terminal.steering.end();
    await store?.close();
  }
}

function spendingOf({ task, model, free, prices }: TaskAndModel, { limit, repeats, split }: EvalOptions): Spending {
  const items = Math.min(limit ?? Infinity, task.items.length);
  const worst = worstCaseOfEvaluation(model, task, { limit, repeats });
  const [first] = task.items;
  const byWorkers = split === 'branches' && first ? howDivided(model, first.request) : undefined;
  const things = `${plural(items, 'item')}${repeats === undefined ? '' : `, ${plural(repeats, 'time')}`}`;
  const of = calledEach(things, worst, items * (repeats ?? 1));
  return { formula: model.name, worst, items, of, free, prices, byWorkers };
}

/** What makes a run another one, besides task, formula and seed. */
export function runSettings(task: Task, options: EvalOptions): { readonly [setting: string]: unknown } {
  const { limit, repeats, budget } = options;
  const asked = settingsIn(options);
  return {
    limit: limit ?? null,
    repeats: repeats ?? null,
    budget: budget ?? null,
    metric: task.metric.name,
    ...(Object.keys(asked).length > 0 && { request: asked }),
  };
}

function checkSplit({ split, workers, repeats }: EvalOptions, { model }: TaskAndModel): void {
  if (split !== undefined && !workers)
    throw new UsageError('--split says what a worker does at one time: it needs --workers.');
  if (split === 'branches' && repeatsOf(model, repeats) > 1)
    throw new UsageError('--split branches does one run of an item: leave --repeats out, or split by items.');
}

/** The store of a run, or of `--store`; none where neither is named. */
export async function openStoreFor({
  run,
  store: file = run === undefined ? undefined : STORE,
}: Pick<EvalOptions, 'run' | 'store'>): Promise<Store | undefined> {
  if (file === undefined) return undefined;
  return openStoreAt(file, { makesFolder: file === STORE });
}

/** Where results are kept as they come. */
interface Kept {
  readonly store: Store | undefined;
  readonly records: RecordsFile | undefined;
}

/** The same, with items that workers do. */
async function measureByWorkers(
  kept: Kept,
  address: string,
  subject: TaskAndModel,
  options: EvalOptions,
  terminal: Terminal,
): Promise<Evaluation> {
  const { byWorkers } = await import('../cluster/coordinating.ts');
  const known = options.retryErrors && kept.store ? await knownOf(kept.store, options.run ?? '') : [];
  const stand = new Set(known.filter(({ grade }) => grade !== undefined).map(({ id }) => id));
  const units = itemsOf(subject.task, options.limit).filter(({ id }) => !stand.has(id)).length;
  const { model, plus, repeats, records, split } = options;
  const formula = { ...(model !== undefined && { model }), ...(plus !== undefined && { plus }) };
  const facts = {
    formulas: [formula],
    subjects: [subject],
    repeats,
    records: records !== undefined,
    ...(split === 'branches' && { split }),
  };
  return byWorkers({ verb: 'eval', task: address, ...facts, units }, options, terminal, (workers, run) =>
    measureInRun(kept, subject, { ...options, run }, terminal, workers),
  );
}

/** The evaluation, as a run of the store where it has a name: items are kept as they come. */
async function measureInRun(
  { store, records }: Kept,
  subject: TaskAndModel,
  options: EvalOptions,
  terminal: Terminal,
  workers?: Workers,
): Promise<Evaluation> {
  const { run, seed = 0 } = options;
  const { task, model } = subject;
  const facts = { task: task.name, formula: model.name, metric: task.metric.name, seed };
  const keep = (item: ItemResult): void => records?.add(item, facts);
  if (!store || run === undefined) return measureWithBar(store, subject, options, terminal, keep);
  const settings = runSettings(task, options);
  const known = options.retryErrors ? await knownOf(store, run) : undefined;
  await store.runs.open({ name: run, task: task.name, formula: model.name, seed, settings });
  await terminal.steering?.begin(store.runs, run);
  const saving = savingItems();
  const save = (item: ItemResult): void => {
    keep(item);
    const { id, error } = item;
    const status = error === undefined ? 'ok' : 'failed';
    saving.add(store.runs.saveItem(run, { item: id, status, result: item }));
  };
  try {
    const { failed } = saving;
    const result = await measureWithBar(store, subject, options, terminal, save, { known, workers, failed });
    await saving.kept();
    await store.runs.setStatus(run, isInterrupted(terminal) ? 'stopped' : 'done');
    return result;
  } catch (error) {
    await saving.settled();
    const status = isInterrupted(terminal) || workers?.isCancelled() ? 'stopped' : 'failed';
    await store.runs.setStatus(run, status).catch(() => undefined); // what went wrong before says more
    throw error;
  }
}

/** The results that a run has. */
async function knownOf(store: Store, run: string): Promise<ItemResult[]> {
  if (!(await store.runs.get(run)))
    throw new UsageError(
      `There is no run ${JSON.stringify(run)} whose errors could be tried again. Leave --retry-errors out to begin it.`,
    );
  const items = await store.runs.items(run);
  return items.map(({ result }) => result as ItemResult);
}

/** After an interruption: the result over the items that were done by then. */
async function measureWithBar(
  store: Store | undefined,
  subject: TaskAndModel,
  options: EvalOptions,
  terminal: Terminal,
  save: (item: ItemResult) => void,
  {
    known = [],
    workers,
    failed,
  }: {
    readonly known?: readonly ItemResult[] | undefined;
    readonly workers?: Workers | undefined;
    /** Ends it where what comes cannot be kept. */
    readonly failed?: AbortSignal | undefined;
  } = {},
): Promise<Evaluation> {
  const { task, model } = subject;
  const { repeats, run, seed } = options;
  const done: ItemResult[] = [];
  const how = workers?.how(0, options.split);
  const signal = AbortSignal.any([how?.signal ?? terminal.signal, ...(failed ? [failed] : [])]);
  try {
    return await onItems(subject, options, terminal, (settings, bar) =>
      measure(model, task, {
        ...settings,
        journal: pausable(store?.journal, terminal),
        ...how,
        signal,
        repeats,
        known,
        records: options.records !== undefined,
        run,
        onItem({ done: count, total, usage, item }) {
          done.push(item);
          save(item);
          bar.update(count, usage, total);
        },
      }),
    );
  } catch (error) {
    if (!isInterrupted(terminal) || done.length === 0) throw error;
    return evaluationSoFar(model, task, done, { seed, run, repeats, limit: options.limit });
  }
}

function render(result: Evaluation, ms: number, out: Output): string {
  const { task, formula, accuracy, ci95, groups, repeats, samplesPerItem, tokensPerItem, usdPerItem } = result;
  const { asked, total } = result;
  const failed = result.results.filter((item) => item.grade === undefined && wasAsked(item)).length;
  const each = [
    plural(Number(samplesPerItem.toFixed(2)), 'sample'),
    ...(tokensPerItem === undefined ? [] : [`${count(tokensPerItem, 0)} tokens`]),
    ...(usdPerItem ? [money(usdPerItem)] : []),
  ];
  const rows: readonly (readonly [string, string])[] = [
    ['accuracy', `${out.paint('bold', percent(accuracy))}  (95%: ${percent(ci95[0])} to ${percent(ci95[1])})`],
    [
      'items',
      [
        asked < total ? `asked ${count(asked)} of ${count(total)}` : count(total),
        ...(groups === undefined ? [] : [`${count(groups)} groups`]),
        ...(repeats > 1 ? [`${count(repeats)} times each`] : []),
        ...(failed > 0 ? [`${count(failed)} failed`] : []),
      ].join(', '),
    ],
    ['each', each.join(', ')],
    ['in all', `${accountLine(result.usage, result.spending)}, ${duration(ms)}`],
  ];
  const cut = result.exhausted ? [`Cut short: the budget (${result.exhausted}) ran out.`] : [];
  return [
    out.paint('bold', wrap(oneLine(formula), out.columns - 1, '  ')),
    out.paint('dim', wrap(`on ${oneLine(task)}, metric ${result.metric}`, out.columns - 1, '  ')),
    '',
    ...rows.map(
      ([name, text]) => `  ${name.padEnd(9)} ${wrap(text, out.columns - 13).replaceAll('\n', `\n${' '.repeat(12)}`)}`,
    ),
    ...tagLines(result.tags, out),
    ...cut.map((line) => `  ${out.paint('yellow', line)}`),
  ].join('\n');
}

/** A line for each tag, where there are any. */
export function tagLines(tags: Evaluation['tags'] = [], out: Output): string[] {
  if (tags.length === 0) return [];
  const columns = [
    { title: 'tag', align: 'left' as const },
    { title: 'items' },
    { title: 'accuracy' },
    { title: '95% interval' },
  ];
  const rows = tags.map(({ tag, items, accuracy, ci95: [lo, hi] }) => [
    clip(oneLine(tag), Math.max(10, out.columns - 42)),
    count(items),
    percent(accuracy),
    `${percent(lo)} – ${percent(hi)}`,
  ]);
  return [
    '',
    ...table(columns, rows, (head) => out.paint('dim', head))
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

/** The first few failed items and why. */
function writeFailures(results: readonly ItemResult[], { err }: Terminal): void {
  const failed = results.filter((item) => item.error !== undefined && wasAsked(item));
  for (const { id, error } of failed.slice(0, FAILURES_SHOWN))
    err.write(`${err.paint('yellow', 'failed:')} ${oneLine(id)}: ${oneLine(String(error))}\n`);
  if (failed.length > FAILURES_SHOWN)
    err.write(`${err.paint('yellow', 'failed:')} and ${count(failed.length - FAILURES_SHOWN)} more\n`);
}
