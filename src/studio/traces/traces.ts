/** The routes of traces: a list by the page, one as a skeleton, and what was said in one step. */
import { Hono } from 'hono';
import type { Span } from '../../core/index.ts';
import { Refusal } from '../../serve/failure.ts';
import type { Store } from '../../store/index.ts';
import type { StudioOptions } from '../options.ts';
import type { Kept, ListedTrace, TracePage } from './protocol.ts';
import { skeletonOf, stepOf, stepsOf } from './skeleton.ts';

const A_PAGE = 50;
/** Traces whose trees are kept read: whoever looks at one looks at many of its steps. */
const MOST_READ = 3;

export function traceRoutes({ store, served }: StudioOptions): Hono {
  const app = new Hono();
  const stores: readonly (readonly [Kept, Store])[] = [
    ...(store ? [['own', store] as const] : []),
    ...(served ? [['served', served] as const] : []),
  ];
  const read = reading(stores);

  app.get('/', async (call) => {
    const { text, status, ms, usd, before, created } = call.req.query();
    const filter = {
      text: text?.slice(0, 1000),
      status: status || undefined,
      leastMs: numberIn(ms),
      leastUsd: numberIn(usd),
      before: before && created ? { id: before, created } : undefined,
      most: A_PAGE + 1,
    };
    const found = await Promise.all(
      stores.map(async ([kept, one]) =>
        (await one.traces.find(filter)).map((trace): ListedTrace => ({ ...trace, kept })),
      ),
    );
    const all = found.flat().toSorted((a, b) => (later(a) < later(b) ? 1 : -1));
    return call.json({ traces: all.slice(0, A_PAGE), more: all.length > A_PAGE } satisfies TracePage);
  });
  app.get('/:id', async (call) => call.json((await read(call.req.param('id'))).skeleton));
  app.get('/:id/:step', async (call) => {
    const { steps } = await read(call.req.param('id'));
    const step = steps[Number(call.req.param('step'))];
    if (!step) throw new Refusal('The trace has no such step.', { status: 404, code: 'not_found' });
    return call.json(stepOf(step.span, steps[0]?.span.start ?? 0));
  });
  app.delete('/:id', async (call) => {
    const id = call.req.param('id');
    const { kept } = await read(id);
    await stores.find(([name]) => name === kept)?.[1].traces.delete(id);
    return call.json({ deleted: id });
  });
  return app;
}

const later = ({ created, id }: ListedTrace): string => `${created} ${id}`;

function numberIn(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function reading(stores: readonly (readonly [Kept, Store])[]) {
  const known = new Map<string, Awaited<ReturnType<typeof made>>>();
  const made = async (id: string, kept: Kept, store: Store, root: Span) => {
    const steps = stepsOf(root);
    const formula = root.facts?.['formula'];
    const { created = '' } = (await store.traces.of(id)) ?? {};
    const of = { id, created, formula: typeof formula === 'string' ? formula : undefined };
    return { kept, steps, skeleton: skeletonOf(of, steps) };
  };
  return async (id: string) => {
    for (const [kept, store] of stores) {
      const before = known.get(id);
      if (before && (await store.traces.of(id))) return before;
      const trace = await store.traces.get(id).catch(() => undefined);
      if (!trace) continue;
      const one = await made(id, kept, store, trace.root);
      known.set(id, one);
      if (known.size > MOST_READ) known.delete(known.keys().next().value ?? '');
      return one;
    }
    known.delete(id);
    throw new Refusal(`There is no trace ${id.slice(0, 100)}.`, { status: 404, code: 'not_found' });
  };
}
