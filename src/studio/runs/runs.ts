/** The routes of runs: what was measured, item by item, and one beside another. */
import { Hono } from 'hono';
import { resultsByFormula } from '../../evaluate/index.ts';
import { Refusal } from '../../serve/failure.ts';
import {
  RUN_CHANGES,
  stateOf,
  steerRun,
  type Run,
  type RunItem,
  type RunProgress,
  type Store,
} from '../../store/index.ts';
import type { StudioOptions } from '../options.ts';
import {
  curvesIn,
  kindOf,
  listedItem,
  measuredIn,
  pairsIn,
  resultsIn,
  shownItem,
  spentIn,
  type RunResults,
} from './figures.ts';
import { progressIn } from './progress.ts';
import type { ComparedRuns, Items, ListedRun, ShownRun } from './protocol.ts';

const A_PAGE = 100;
const MOST_COMPARED = 8;
/** Runs whose items are kept read: a list that is gone through asks for the same one again and again. */
const MOST_READ = 4;

export function runRoutes({ store, workers }: StudioOptions): Hono {
  const app = new Hono();
  const { read, listed } = reading(store);

  app.get('/', async (call) => call.json((await listed()).toReversed()));
  app.get('/compared', async (call) => {
    const names = (call.req.queries('run') ?? []).slice(0, MOST_COMPARED);
    const all = await Promise.all(names.map(read));
    const tasks = new Set(all.map(({ run }) => run.task));
    if (tasks.size > 1)
      throw new Refusal(`These runs are of ${tasks.size} tasks: ${[...tasks].join(', ')}. Choose runs of one.`);
    return call.json({ measured: all.flatMap(measuredIn), pairs: pairsIn(all) } satisfies ComparedRuns);
  });
  app.get('/:run', async (call) => {
    const { run, results, items } = await read(call.req.param('run'));
    const [own] = (await store?.runs.progress(run.name)) ?? [];
    const progress = progressIn(run, own, await workers?.progress(run.name));
    const { metric } = (run.settings ?? {}) as { readonly metric?: unknown };
    return call.json({
      ...listedRun(run, items.length, items.filter(({ status }) => status === 'failed').length, own),
      ...(progress && run.status === 'running' && { status: progress.state }),
      progress,
      seed: run.seed,
      metric: typeof metric === 'string' ? metric : undefined,
      formulas: measuredIn({ run, results }),
      spent: spentIn(results),
      curves: curvesIn(items),
      report: items.find(({ item }) => item === 'report')?.result,
    } satisfies ShownRun);
  });
  app.get('/:run/items', async (call) => {
    const { run, results } = await read(call.req.param('run'));
    const { of = 'all', find = '', formula } = call.req.query();
    const from = Math.max(0, Math.floor(Number(call.req.query('from') ?? 0)) || 0);
    const wanted = find.toLowerCase();
    const own =
      formula === undefined
        ? results
        : (resultsByFormula(results, run.formula).find((one) => one.formula === formula)?.results ?? []);
    const found = own.filter(
      (result) =>
        (IS[of] ?? IS['all'])?.(result) &&
        (wanted === '' || `${result.id} ${result.question} ${result.answer ?? ''}`.toLowerCase().includes(wanted)),
    );
    // As people count: item 2 stands before item 10, and what several formulas said to one item stands together.
    found.sort((a, b) => BY_NUMBER.compare(a.id, b.id));
    return call.json({
      total: found.length,
      items: found.slice(from, from + A_PAGE).map((result) => listedItem(result, run.formula)),
    } satisfies Items);
  });
  app.get('/:run/items/:item', async (call) => {
    const { run, results } = await read(call.req.param('run'));
    const { formula } = call.req.query();
    const id = call.req.param('item');
    const found = results.find(
      (result) => result.id === id && (formula === undefined || (result.formula ?? run.formula) === formula),
    );
    if (!found) throw new Refusal(`The run ${run.name} has no item ${id.slice(0, 200)}.`, { status: 404 });
    return call.json(shownItem(found, run.formula));
  });
  app.post('/:run/:change', async (call) => {
    const { run } = await read(call.req.param('run'));
    const change = RUN_CHANGES.find((one) => one === call.req.param('change'));
    if (!store || !change)
      throw new Refusal(`A run is changed by one of ${RUN_CHANGES.join(', ')}.`, { status: 404, code: 'not_found' });
    if (!(await workers?.change(run.name, change))) await steerRun(store.runs, run.name, change);
    return call.json({ asked: change });
  });
  app.delete('/:run', async (call) => {
    const { run } = await read(call.req.param('run'));
    await store?.runs.delete(run.name);
    return call.json({ deleted: run.name });
  });
  return app;
}

const BY_NUMBER = new Intl.Collator('en', { numeric: true });

type Result = RunResults['results'][number];

const IS: { readonly [of: string]: ((result: Result) => boolean) | undefined } = {
  all: () => true,
  right: ({ grade }) => grade !== undefined && grade >= 0.5,
  wrong: ({ grade }) => grade !== undefined && grade < 0.5,
  failed: ({ error }) => error !== undefined,
};

/** Reads runs, each once while nothing is added to it. */
function reading(store: Store | undefined) {
  const known = new Map<string, { readonly of: string; readonly items: readonly RunItem[] }>();
  const listed = async (): Promise<readonly ListedRun[]> => {
    if (!store) return [];
    const counts = new Map((await store.runs.counts()).map((one) => [one.run, one]));
    const progress = new Map((await store.runs.progress()).map((one) => [one.run, one]));
    return (await store.runs.list()).map((run) => {
      const { items = 0, failed = 0 } = counts.get(run.name) ?? {};
      return listedRun(run, items, failed, progress.get(run.name));
    });
  };
  return {
    listed,
    async read(name: string): Promise<RunResults & { readonly items: readonly RunItem[] }> {
      const run = await store?.runs.get(name).catch(() => undefined);
      if (!store || !run)
        throw new Refusal(`There is no run ${name.slice(0, 200)}.`, { status: 404, code: 'not_found' });
      const [{ items: count, failed } = { items: 0, failed: 0 }] = await store.runs.counts(name);
      const of = `${run.status} ${run.created} ${count} ${failed}`;
      const before = known.get(name);
      const items = before?.of === of ? before.items : await store.runs.items(name);
      known.delete(name);
      known.set(name, { of, items });
      if (known.size > MOST_READ) known.delete(known.keys().next().value ?? '');
      return { run, items, results: resultsIn(items) };
    },
  };
}

function listedRun(run: Run, items: number, failed: number, progress: RunProgress | undefined): ListedRun {
  const { name, task, formula, created } = run;
  const { done, total } = (run.status === 'running' && progress) || {};
  return {
    name,
    kind: kindOf(run),
    task,
    formula,
    status: stateOf(run, progress),
    created,
    items,
    failed,
    done,
    total,
  };
}
