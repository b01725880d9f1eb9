/** `plusx compile`: finds the composition that pays on a task, within a budget, and keeps it as a file. */
import { hash } from 'node:crypto';
import type { Limits } from '../../core/index.ts';
import { canonicalJson } from '../../core/calls/journal.ts';
import {
  autoSpace,
  compile as search,
  diagnosedSpace,
  FINALISTS,
  hashOf,
  parseSpace,
  planOf,
  programOf,
  readReport,
  saveProgram,
  type Compiled,
  type CompileEvent,
  type CompileOptions,
  type Plan,
  type Searched,
} from '../../compile/index.ts';
import type { WorstCase } from '../../evaluate/worst-case.ts';
import type { Store } from '../../store/index.ts';
import { mayBegin } from '../compose/spending.ts';
import { loadJudgedTask, onItems, type TaskOptions } from '../compose/task.ts';
import { settingsIn } from '../compose/request.ts';
import { UsageError } from '../failure.ts';
import { isInterrupted } from '../run.ts';
import { version } from '../version.ts';
import type { Task } from '../../tasks/index.ts';
import { oneLine } from '../terminal/text.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, jsonText, writeJson, type Terminal } from '../terminal/terminal.ts';
import { renderPlan, renderReport } from './compile-report.ts';
import type { Workers } from '../cluster/coordinating.ts';
import { addressForWorkers, type WorkersOptions } from '../cluster/options.ts';
import { keepChapter, openReflecting, partOf } from '../cluster/search.ts';
import { openSpace } from './space.ts';
import { STORE } from '../compose/answered.ts';
import { throughBatches, type BatchVerbOptions } from './batch.ts';
import { openStoreFor } from './eval.ts';
import { steerable } from './under-way/steering.ts';

export interface CompileVerbOptions extends Omit<TaskOptions, 'plus' | 'save'>, WorkersOptions, BatchVerbOptions {
  /** Compositions with choices in them, or `auto`. */
  readonly space?: string | undefined;
  readonly perQuestion?: Limits | undefined;
  /** The model that rewrites the wordings of `prompt(...)`. */
  readonly reflect?: string | undefined;
  /** Files with reports of other searches, whose word counts in the pick. */
  readonly earlier?: readonly string[] | undefined;
  /** Compositions to try, at most. */
  readonly arms?: number | undefined;
  /** Where the compiled model goes. */
  readonly out?: string | undefined;
  /** Where the report goes, as JSON. */
  readonly report?: string | undefined;
  /** Name of the run in the store. */
  readonly run?: string | undefined;
}

export async function compile(address: string, given: CompileVerbOptions, outer: Terminal): Promise<number> {
  const terminal = steerable(outer);
  const { out, err } = terminal;
  const { options: through, noteIn } = throughBatches({ ...given, store: given.store ?? STORE }, terminal);
  if (given.workers) addressForWorkers(given);
  const { task, judged, options } = await loadJudgedTask(address, through, terminal);
  const { space: marked = 'auto', budget, perQuestion, seed, arms, quiet } = options;
  const earlier = await Promise.all((options.earlier ?? []).map((file) => readReport(file)));
  if (budget === undefined)
    throw new UsageError(
      'compile takes all that it is given: say how much, as in --budget calls=2000 or --budget usd=2.',
    );
  if (options.out !== undefined && !options.out.endsWith('.plusx.json'))
    throw new UsageError(`--out ${options.out} must end with .plusx.json, by which --model knows it.`);
  const isAuto = marked === 'auto';
  const text = isAuto ? autoSpace({ perQuestion, task }).text : marked;
  const settings = { fallback: task.model };
  const { scope, base, free, prices } = await openSpace(text, options, terminal, settings);
  const auto = isAuto ? autoSpace({ perQuestion, task, model: base }) : undefined;
  const space = parseSpace(auto?.text ?? text, scope);
  const part = partOf(task, options.limit);
  const reflecting = await openReflecting(options.reflect, options, terminal);
  const searching: CompileOptions = {
    model: base,
    budget,
    perQuestion,
    seed,
    arms,
    earlier,
    reflect: reflecting?.model,
  };
  const plan = planOf(space, part, { ...searching, origin: auto });
  const isFree = free && judged?.free !== false && reflecting?.free !== false;
  if (options.dryRun && options.json) {
    writeJson(terminal, plan);
    return EXIT.good;
  }
  if (options.dryRun || !quiet)
    (options.dryRun ? out : err).write(`${renderPlan(plan, options.dryRun ? out : err, options.batch)}\n`);
  const spending = {
    formula: space.text,
    worst: worstOf(plan),
    of: `${plan.most} compositions`,
    free: isFree,
    prices: [...prices, ...(judged?.prices ?? []), ...(reflecting?.prices ?? [])],
  };
  if (!(await mayBegin(spending, options, terminal))) return EXIT.good;
  await using reportFile = await outputFile(options.report);
  const identity = {
    task: task.name,
    formula: `${base.name} + ${space.text}`,
    seed: seed ?? 0,
    settings: settingsOf(part, earlier, options),
  };
  const run = options.run ?? `compile ${hash('sha256', canonicalJson(identity), 'hex').slice(0, 12)}`;
  const store = (await openStoreFor({ run, store: options.store })) as Store;
  noteIn(store);
  try {
    await store.runs.open({ name: run, ...identity });
    await terminal.steering.begin(store.runs, run);
    const journal = terminal.steering.pausing(store.journal);
    const subject = { task: part, model: base, base, finite: false, free: isFree, prices };
    let byOthers: Workers | undefined;
    const isEnded = (): boolean => isInterrupted(terminal) || byOthers?.isCancelled() === true;
    const compiled = await inRun(store, run, isEnded, () =>
      onItems(subject, options, terminal, async ({ limit: _limit, budget: _budget, ...how }, bar) => {
        let done = 0;
        const { most: count, items } = plan;
        const most = items.train + count * items.dev + FINALISTS * items.test;
        const found = auto && (await diagnosedSpace(base, part, { ...searching, ...how, journal }));
        const searched = found ? parseSpace(found.text, scope) : space;
        const told = { ...searching, ...(found && { budget: found.budget, origin: found }) };
        const searchBy = (workers?: Workers) =>
          search(searched, part, {
            ...told,
            ...how,
            ...(workers && {
              signal: workers.how().signal,
              elsewhere: async (chapter) => workers.inChapter(await keepChapter(store.journal, chapter)),
            }),
            journal,
            onPlan(narrowed) {
              if (found?.stage && !quiet) err.write(`${renderPlan(narrowed, err, options.batch)}\n`);
            },
            onItem: ({ spending: spent }) => bar.update(++done, spent, Math.max(done, most)),
            onEvent: keeping(store, run),
          });
        if (!options.workers) return searchBy();
        const { byWorkers } = await import('../cluster/coordinating.ts');
        const { partsOfSearch } = await import('../../compile/search/elsewhere.ts');
        const { names } = partsOfSearch(searched, part, told);
        const spec = {
          opened: text,
          space: found?.text ?? auto?.text ?? text,
          limit: options.limit,
          perQuestion,
          arms,
          budget: told.budget,
          ...(options.reflect !== undefined &&
            reflecting && { reflect: { model: options.reflect, name: reflecting.model.name } }),
          names,
        };
        const formulas = [given.model === undefined ? {} : { model: given.model }];
        const facts = { verb: 'compile' as const, task: address, formulas, subjects: [subject], records: false };
        const units = items.train + items.dev + items.test;
        const asked = { ...given, seed, run, budget: told.budget };
        return byWorkers({ ...facts, search: spec, units }, asked, terminal, (workers) =>
          searchBy((byOthers = workers)),
        );
      }),
    );
    const { report } = compiled;
    if (options.out !== undefined) await saveProgram(programOf(compiled, version()), options.out);
    if (options.json) writeJson(terminal, report);
    else out.write(`${renderReport(report, options.out, out)}\n`);
    await reportFile?.write(jsonText(report));
    if (!quiet)
      for (const warning of report.warnings) err.write(`${err.paint('yellow', 'warning:')} ${oneLine(warning)}\n`);
    return EXIT.good;
  } finally {
    await terminal.steering.end();
    await store.close();
  }
}

/** What makes a run another one, besides task, formula and seed. */
function settingsOf(
  task: Task,
  earlier: readonly Searched[],
  options: CompileVerbOptions,
): { readonly [setting: string]: unknown } {
  const { budget, perQuestion, arms, limit, reflect } = options;
  return {
    budget,
    data: hashOf(task),
    ...(perQuestion && { perQuestion }),
    ...(arms !== undefined && { arms }),
    ...(limit !== undefined && { limit }),
    ...(reflect !== undefined && { reflect }),
    ...(earlier.length > 0 && { earlier: hash('sha256', canonicalJson(earlier), 'hex') }),
    ...settingsIn(options),
  };
}

const worstOf = ({ worst: { calls, usd } }: Plan): WorstCase => ({
  calls,
  inputTokens: undefined,
  outputTokens: undefined,
  usd,
  because: [],
});

/** Events are kept as they happen, one after the other: what a run has done can be read while it goes on, and after it. */
function keeping(store: Store, run: string): (event: CompileEvent) => Promise<void> {
  let number = 0;
  return (event) =>
    store.runs.saveItem(run, { item: `event ${String(++number).padStart(3, '0')}`, status: 'ok', result: event });
}

async function inRun(
  store: Store,
  run: string,
  /** Whether somebody ended it. */
  isEnded: () => boolean,
  work: () => Promise<Compiled>,
): Promise<Compiled> {
  try {
    const compiled = await work();
    await store.runs.saveItem(run, { item: 'report', status: 'ok', result: compiled.report });
    await store.runs.setStatus(run, 'done');
    return compiled;
  } catch (error) {
    await store.runs.setStatus(run, isEnded() ? 'stopped' : 'failed');
    throw error;
  }
}
