/** `plusx compare`: formulas on the same items and the same draws, which is better and how sure that is. */
import {
  compare as measure,
  compareResults,
  comparisonReport,
  resultsByFormula,
  type Answered,
  type Compared,
  type ComparedPair,
  type Comparison,
} from '../../evaluate/index.ts';
import { both, NOTHING } from '../../evaluate/worst-case.ts';
import { worstCaseOfEvaluation } from '../../evaluate/worst-case-of-runs.ts';
import type { Store } from '../../store/index.ts';
import { answeredBefore } from '../compose/answered.ts';
import { recordsFile, type RecordsFile } from '../compose/records.ts';
import { tellOddities } from './oddities.ts';
import { reportFile } from '../compose/report.ts';
import { calledEach, mayBegin, type Spending } from '../compose/spending.ts';
import { loadTaskAndModels, onItems, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { UsageError } from '../failure.ts';
import { isInterrupted, writeInterrupted, writeWarnings } from '../run.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, jsonText, type Output, type Terminal } from '../terminal/terminal.ts';
import { accountLine, clip, count, duration, money, oneLine, percent, plural, table, wrap } from '../terminal/text.ts';
import { itemsOf } from '../../evaluate/eval.ts';
import { addressForWorkers, type WorkersOptions } from '../cluster/options.ts';
import type { Workers } from '../cluster/coordinating.ts';
import type { Formula } from '../cluster/spec.ts';
import { throughBatches, type BatchVerbOptions } from './batch.ts';
import { openStoreFor, runSettings } from './eval.ts';
import { savingItems } from './under-way/saving.ts';
import { pausable, steerable } from './under-way/steering.ts';

export interface CompareVerbOptions extends Omit<TaskOptions, 'model' | 'plus'>, WorkersOptions, BatchVerbOptions {
  readonly model?: readonly string[] | undefined;
  readonly plus?: readonly string[] | undefined;
  readonly until: 'all' | 'decided';
  /** Runs and files in place of a task. */
  readonly runs?: readonly string[] | undefined;
  readonly repeats?: number | undefined;
  readonly run?: string | undefined;
  readonly out?: string | undefined;
  readonly records?: string | undefined;
  readonly report?: string | undefined;
}

export async function compareFormulas(
  task: string | undefined,
  options: CompareVerbOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.runs) {
    if (task !== undefined)
      throw new UsageError(
        '--runs compares what was measured before, so that it takes no task. Leave one of them out.',
      );
    if (options.workers)
      throw new UsageError(
        '--runs compares what was measured before, and leaves workers nothing to do. Leave one of them out.',
      );
    return compareRuns(options.runs, options, terminal);
  }
  if (task === undefined) throw new UsageError('compare needs a task, or --runs with runs of the store.');
  return compareOn(task, options, terminal);
}

/** Runs that were measured before. */
export async function compareRuns(
  names: readonly string[],
  {
    store,
    seed = 0,
    json,
    out: path,
    report: reportPath,
    quiet,
  }: Pick<CompareVerbOptions, 'store' | 'seed' | 'json' | 'out' | 'report' | 'quiet'>,
  terminal: Terminal,
): Promise<number> {
  const { out } = terminal;
  const twin = names.find((name, i) => names.indexOf(name) < i);
  if (twin !== undefined) throw new UsageError(`What is compared names ${twin} twice.`);
  await using file = await outputFile(path);
  await using report = await reportFile(reportPath);
  const measured = await measuredIn(names, store);
  if (measured.length < 2) throw new UsageError('--runs needs two names or more, as in --runs first,second.');
  const { models, pairs } = compareResults(measured, { seed });
  const apart = pairs.find(({ items }) => items === 0);
  if (apart) throw new UsageError(`${apart.a} and ${apart.b} have no item in common that both answered.`);
  const facts = (of: 'task' | 'metric'): string => [...new Set(measured.map((one) => one[of]))].join(', ');
  const document = { task: facts('task'), metric: facts('metric'), until: 'all' as const, models, pairs };
  out.write(
    json
      ? jsonText(withoutResults(document))
      : `${[...heading(document, out), '', ...tables(models, pairs, out)].join('\n')}\n`,
  );
  await file?.write(jsonText(document));
  await report?.write(comparisonReport(document), withoutResults(document));
  writeWarnings(unlike(measured, pairs), quiet, terminal);
  return EXIT.good;
}

/** One formula of a run. */
interface Measured extends Answered {
  readonly run: string;
}

/** What runs hold, formula by formula: a comparison holds several. */
export async function measuredIn(names: readonly string[], store: string | undefined): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const run of names) {
    const answered = await answeredBefore(run, store);
    const formulas = resultsByFormula(answered.results, answered.formula);
    for (const { formula, results } of formulas)
      measured.push({ ...answered, run: formulas.length > 1 ? `${run} (${formula})` : run, formula, results });
  }
  return measured;
}

/** What makes a difference one of other things than the formulas. */
function unlike(measured: readonly Measured[], pairs: readonly ComparedPair[]): { code: string; message: string }[] {
  const several = (of: 'task' | 'metric' | 'seed'): boolean => new Set(measured.map((one) => one[of])).size > 1;
  const warn = (code: string, message: string) => [{ code, message }];
  const [first, ...others] = measured;
  const questions = new Map(first?.results.map(({ id, question }) => [id, question]));
  const other = others
    .flatMap(({ results }) => results)
    .find(({ id, question }) => (questions.get(id) ?? question) !== question);
  const most = Math.max(...measured.map(({ results }) => results.length));
  const left = pairs.find(({ items }) => items < most);
  return [
    ...(other
      ? warn(
          'other-questions',
          `the question of ${other.id} is not the same in all of them: their difference may be one of the questions`,
        )
      : []),
    ...(several('metric')
      ? warn('other-metric', 'they were graded by different metrics. plusx regrade grades a run again')
      : []),
    ...(several('seed')
      ? warn(
          'other-seed',
          'they have different seeds, so that they drew differently: the difference is right, and less certain than it could be',
        )
      : []),
    ...(left
      ? warn(
          'fewer-items',
          `${left.b} and ${left.a} have ${plural(left.items, 'answered item')} in common, of ${count(most)}`,
        )
      : []),
  ];
}

const withoutResults = <T extends { readonly models: readonly Compared[] }>(document: T) => ({
  ...document,
  models: document.models.map((model) => {
    const { results: _, ...rest } = model;
    return rest;
  }),
});

async function compareOn(address: string, given: CompareVerbOptions, outer: Terminal): Promise<number> {
  const terminal = steerable(outer);
  const { options, noteIn } = throughBatches(given, terminal);
  const { model: _, plus: __, ...settings } = options;
  if (options.workers) addressForWorkers(options);
  const formulas = formulasOf(options);
  const subjects = await loadTaskAndModels(address, settings, formulas, terminal);
  tellOddities((subjects[0] as TaskAndModel).task, options, terminal);
  if (!(await mayBegin(spendingOf(subjects, options), options, terminal))) return EXIT.good;
  await using file = await outputFile(options.out);
  await using records = await recordsFile(options.records);
  await using report = await reportFile(options.report);
  const store = await openStoreFor(options);
  noteIn(store);
  const start = terminal.steering.clock.now();
  let found: Comparison;
  try {
    const kept = { store, records };
    found = options.workers
      ? await byWorkersInRun(kept, { address, formulas, subjects }, options, terminal)
      : await inRun(kept, subjects, options, terminal);
  } finally {
    await terminal.steering.end();
    await store?.close();
  }
  const took = terminal.steering.clock.now() - start;
  const interrupted = isInterrupted(terminal);
  const document = { ...found, ...(interrupted && { interrupted }) };
  const { out } = terminal;
  if (options.json) out.write(jsonText(withoutResults(document)));
  else
    out.write(
      `${[...heading(found, out), '', ...tables(found.models, found.pairs, out), '', ...notes(found, took, out)].join('\n')}\n`,
    );
  await file?.write(jsonText(document));
  await report?.write(comparisonReport(found), withoutResults(document));
  await records?.written();
  writeWarnings(found.warnings, options.quiet, terminal);
  if (interrupted) {
    writeInterrupted(terminal);
    return EXIT.interrupted;
  }
  return found.models.some(({ failed }) => failed > 0) ? EXIT.itemsFailed : EXIT.good;
}

/** Each model with each X. One X by itself is compared with the model alone. */
function formulasOf({
  model: models = [],
  plus = [],
}: CompareVerbOptions): { model: string | undefined; plus: string }[] {
  const bases = models.length === 0 ? [undefined] : models;
  const added =
    plus.length === 0 ? [''] : plus.length === 1 && bases.length === 1 && plus[0] !== '' ? ['', ...plus] : plus;
  const all = bases.flatMap((model) => added.map((one) => ({ model, plus: one })));
  if (all.length < 2)
    throw new UsageError('compare needs two formulas: -p for each X that is added to the model, or several -m.');
  return all;
}

function spendingOf(subjects: readonly TaskAndModel[], { limit, repeats }: CompareVerbOptions): Spending {
  const [{ task }] = subjects as readonly [TaskAndModel];
  const items = Math.min(limit ?? Infinity, task.items.length);
  const worst = subjects
    .map(({ model }) => worstCaseOfEvaluation(model, task, { limit, repeats }))
    .reduce(both, NOTHING);
  const things = `${plural(items, 'item')}, ${plural(subjects.length, 'formula')}, whose shared draws are made once`;
  return {
    formula: subjects.map(({ model }) => model.name).join(' | '),
    worst,
    of: calledEach(things, worst, items * (repeats ?? 1)),
    items,
    free: subjects.every(({ free }) => free),
    prices: subjects.flatMap(({ prices }) => prices),
  };
}

interface Kept {
  readonly store: Store | undefined;
  readonly records: RecordsFile | undefined;
}

/** The same, with items that workers do: all formulas of an item together, since they share draws. */
async function byWorkersInRun(
  kept: Kept,
  { address, formulas, subjects }: { address: string; formulas: readonly Formula[]; subjects: readonly TaskAndModel[] },
  options: CompareVerbOptions,
  terminal: Terminal,
): Promise<Comparison> {
  const { byWorkers } = await import('../cluster/coordinating.ts');
  const [{ task }] = subjects as readonly [TaskAndModel];
  const { repeats, records, limit } = options;
  const units = itemsOf(task, limit).length;
  const facts = { formulas, subjects, repeats, records: records !== undefined, units };
  return byWorkers({ verb: 'compare', task: address, ...facts }, options, terminal, (workers, run) =>
    inRun(kept, subjects, { ...options, run }, terminal, workers),
  );
}

/** The comparison, as a run of the store where it has a name. */
async function inRun(
  { store, records }: Kept,
  subjects: readonly TaskAndModel[],
  options: CompareVerbOptions,
  terminal: Terminal,
  workers?: Workers,
): Promise<Comparison> {
  const { run, seed = 0, until, repeats, model: _, plus: __, ...rest } = options;
  const [subject] = subjects as readonly [TaskAndModel];
  const { task } = subject;
  const models = subjects.map(({ model }) => model);
  const formulas = models.map(({ name }) => name);
  const kept = run === undefined ? undefined : store;
  const saving = savingItems();
  const how = workers?.how();
  if (kept && run !== undefined) {
    const settings = { ...runSettings(task, { ...rest, repeats }), compare: { until } };
    await kept.runs.open({ name: run, task: task.name, formula: formulas.join(' | '), seed, settings });
    await terminal.steering?.begin(kept.runs, run);
  }
  const ended = async (status: 'done' | 'failed'): Promise<void> => {
    await saving.settled();
    const isEnded = isInterrupted(terminal) || workers?.isCancelled();
    if (kept && run !== undefined) await kept.runs.setStatus(run, isEnded ? 'stopped' : status);
  };
  try {
    const found = await onItems(subject, { ...rest, seed }, terminal, (settings, bar) =>
      measure(models, task, {
        ...settings,
        until,
        repeats,
        run,
        partial: true,
        records: options.records !== undefined,
        journal: pausable(store?.journal, terminal),
        ...how,
        signal: AbortSignal.any([how?.signal ?? terminal.signal, saving.failed]),
        onItem({ done, usage, results }) {
          bar.update(done, usage);
          for (const { model, result } of results) {
            const formula = formulas[model] as string;
            records?.add(result, { task: task.name, formula, metric: task.metric.name, seed });
            if (kept && run !== undefined)
              saving.add(
                kept.runs.saveItem(run, {
                  item: `${model + 1}/${result.id}`,
                  status: result.error === undefined ? 'ok' : 'failed',
                  result: { ...result, formula },
                }),
              );
          }
        },
      }),
    );
    workers?.check();
    await saving.kept();
    await ended('done');
    return found;
  } catch (error) {
    await ended('failed').catch(() => undefined); // what went wrong before says more
    throw error;
  }
}

function heading({ task, metric }: Pick<Comparison, 'task' | 'metric'>, out: Output): string[] {
  return [out.paint('dim', wrap(`on ${oneLine(task)}, metric ${oneLine(metric)}`, out.columns - 1, '  '))];
}

export const letter = (i: number): string => (i < 26 ? String.fromCharCode(65 + i) : String(i + 1));

/** The models with what an answer takes, then each pair with its difference and the items that flip. */
function tables(models: readonly Compared[], pairs: readonly ComparedPair[], out: Output): string[] {
  const some = (of: (one: Compared) => number | undefined): boolean => models.some((one) => (of(one) ?? 0) > 0);
  const cells = [
    { title: '', align: 'left' as const, of: (_: Compared, i: number) => letter(i) },
    { title: 'accuracy', of: ({ accuracy }: Compared) => percent(accuracy) },
    { title: '95% interval', of: ({ ci95: [lo, hi] }: Compared) => `${percent(lo)} – ${percent(hi)}` },
    { title: 'samples', of: ({ samplesPerItem }: Compared) => count(Number(samplesPerItem.toFixed(2)), 2) },
    ...(some(({ tokensPerItem }) => tokensPerItem)
      ? [{ title: 'tokens', of: ({ tokensPerItem }: Compared) => count(tokensPerItem, 0) }]
      : []),
    ...(some(({ usdPerItem }) => usdPerItem)
      ? [{ title: 'cost', of: ({ usdPerItem }: Compared) => money(usdPerItem) }]
      : []),
    ...(models.every(({ msPerItem }) => msPerItem !== undefined)
      ? [{ title: 'time', of: ({ msPerItem }: Compared) => duration(msPerItem) }]
      : []),
    ...(some(({ failed }) => failed) ? [{ title: 'failed', of: ({ failed }: Compared) => count(failed) }] : []),
  ];
  const rows = models.map((model, i) => cells.map(({ of }) => of(model, i)));
  const names = models.map(
    ({ formula, run }, i) =>
      `  ${out.paint('bold', letter(i))}  ${wrap(`${run === undefined ? '' : `${run}: `}${oneLine(formula)}`, out.columns - 6).replaceAll('\n', '\n     ')}`,
  );
  return [
    ...names,
    '',
    ...table(cells, rows, (head) => out.paint('dim', head))
      .split('\n')
      .map((line) => `  ${line}`),
    ...pairs.flatMap((pair, i) => ['', ...pairLines(pair, letter(i + 1), pairs.length > 1, out)]),
  ];
}

const TESTS = {
  mcnemar: "McNemar's exact test",
  bootstrap: 'bootstrap of t',
  student: "Student's t",
  betting: 'betting test, valid at any time',
} as const;

function pairLines(
  { items, difference, ci95: [lo, hi], p, adjusted, better, test, gained, lost }: ComparedPair,
  b: string,
  isOneOf: boolean,
  out: Output,
): string[] {
  const verdict =
    better === undefined
      ? out.paint('yellow', 'not decided')
      : out.paint('green', better === 'b' ? `${b} is better` : `A is better`);
  const chance = `p ${small(p)}${isOneOf ? `, ${small(adjusted)} over all` : ''}`;
  const room = out.columns - 4;
  const flips = (ids: readonly string[], what: string): string =>
    ids.length === 0 ? '' : clip(`${what} on ${count(ids.length)}: ${ids.map(oneLine).join(', ')}`, room - 4);
  return [
    `  ${out.paint('bold', `${b} – A`)}  ${signed(difference)}  (95%: ${signed(lo)} to ${signed(hi)})  ${verdict}`,
    `     ${out.paint('dim', `${chance}, ${TESTS[test]}, ${plural(items, 'item')}`)}`,
    ...[flips(gained, `${b} better`), flips(lost, `${b} worse`)]
      .filter(Boolean)
      .map((line) => `     ${out.paint('dim', line)}`),
  ];
}

const signed = (fraction: number): string => `${fraction > 0 ? '+' : ''}${percent(fraction)}`;
const small = (p: number): string => (p < 0.0001 ? '< 0.0001' : p >= 0.1 ? p.toFixed(2) : p.toPrecision(2));

function notes(
  { until, asked, total, pairs, usage, spending, exhausted, seed }: Comparison,
  ms: number,
  out: Output,
): string[] {
  const decided = pairs.every(({ better }) => better !== undefined);
  const ending =
    until === 'decided' && decided && asked < total
      ? `Decided after ${count(asked)} of ${plural(total, 'item')}: ${count(total - asked)} were not asked.`
      : asked < total
        ? `Asked ${count(asked)} of ${plural(total, 'item')}.`
        : until === 'decided' && !decided
          ? `All ${plural(total, 'item')} were asked, and they do not decide it.`
          : '';
  return [
    ...(ending ? [ending] : []),
    ...(exhausted ? [`Cut short: the budget (${exhausted}) ran out.`] : []),
    `${accountLine(usage, spending)}, ${duration(ms)}${seed === 0 ? '' : `, seed ${seed}`}`,
  ].map((line) => `  ${out.paint('dim', wrap(line, out.columns - 3).replaceAll('\n', '\n  '))}`);
}
