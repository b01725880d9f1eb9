/** Operations on a store, drawn at random, and all that can be seen of one: for tests that two databases behave alike. */
import { encodeJson, type Choice } from '../../core/index.ts';
import { openStore, type Store } from '../store.ts';
import { entry } from './entry.ts';
import { trace } from './trace.ts';

/** What may be done a second time without a trace is `repeatable`: a process that was killed does its last operation again. */
export interface Operation {
  readonly name: string;
  readonly repeatable: boolean;
  /** Resolves to what was seen, without times. */
  run(store: Store): Promise<unknown>;
}

const WORDS = ['blim', 'frop', 'harbour', 'naïve', 'winter\0ice', '😀', '\u0001', 'page', 'of', 'the'];
const NAMES = ['a', 'b', 'c', 'a\0', 'a\u0001', 'Ä', '😀'];
const NOON = Date.parse('2026-03-31T12:00:30Z');

/** The operations of one process; all of its names begin with `own`. */
export function operations(random: Choice, count: number, own = ''): readonly Operation[] {
  const pick = <T>(from: readonly [T, ...T[]] | readonly T[]): T => from[random.categorical(from.map(() => 1))] as T;
  const name = (): string => own + pick(NAMES);
  const text = (): string =>
    Array.from({ length: 1 + random.categorical([1, 1, 1, 1, 1]) }, () => pick(WORDS)).join(' ');
  let reserved = 0;
  const makers: readonly (readonly [weight: number, make: () => Operation])[] = [
    [6, () => once('journal.put', [name(), text()], (s, [key, said]) => s.journal.put(key, entry(said)))],
    [3, () => once('journal.get', [name()], (s, [key]) => Promise.resolve(s.journal.get(key)))],
    [
      2,
      () =>
        once('runs.open', [name(), pick(['t', 'u\0'])], async (s, [run, task]) => {
          return timeless(await s.runs.open({ name: run, task, formula: 'f', seed: 1 }));
        }),
    ],
    [
      4,
      () =>
        once('runs.saveItem', [name(), name(), text()], (s, [run, item, result]) =>
          s.runs.saveItem(run, { item, status: 'ok', result }),
        ),
    ],
    [2, () => once('runs.setStatus', [name()], (s, [run]) => s.runs.setStatus(run, 'done'))],
    [2, () => once('runs.items', [name()], (s, [run]) => s.runs.items(run))],
    [0.2, () => once('runs.delete', [name()], (s, [run]) => s.runs.delete(run))],
    [
      3,
      () =>
        once('traces.put', [name(), name(), text()], (s, [id, run, said]) => s.traces.put(trace(id, said), { run })),
    ],
    [1, () => once('traces.get', [name()], (s, [id]) => s.traces.get(id))],
    [0.2, () => once('traces.delete', [name()], (s, [id]) => s.traces.delete(id))],
    [
      2,
      () =>
        once('feedback.put', [name(), text()], (s, [generation, comment]) =>
          s.feedback.put({ generation, comment, score: 0.1 }),
        ),
    ],
    [
      4,
      () =>
        once('memory.put', [name(), name(), text()], (s, [namespace, id, said]) =>
          s.memory.put(namespace, [{ id, text: said, data: { said } }]),
        ),
    ],
    [3, () => once('memory.search', [name(), text()], (s, [namespace, query]) => s.memory.search(namespace, query, 3))],
    [1, () => once('memory.list', [name(), name()], (s, [namespace, id]) => s.memory.list(namespace, [id]))],
    [
      0.3,
      () =>
        once('memory.remove', [name(), name()], (s, [namespace, id]) =>
          s.memory.remove(namespace, [id]).then(() => 'removed'),
        ),
    ],
    [
      2,
      () => {
        const id = `${own}${reserved++}`;
        return {
          ...once('accounts.reserve', [name()], (s, [key]) =>
            s.accounts.reserve({
              id,
              key,
              need: { calls: 2, tokens: 3.5, usd: 0.01 },
              budgets: { day: { calls: 40 } },
              at: NOON,
              lifetimeMs: 1e9,
            }),
          ),
          repeatable: false,
        };
      },
    ],
    [
      2,
      () => ({
        ...once(
          'accounts.settle',
          [`${own}${random.categorical([1, 1, 1, 1]) + Math.max(0, reserved - 4)}`],
          (s, [id]) => s.accounts.settle(id, { calls: 1, tokens: 2, usd: 0.005 }),
        ),
        repeatable: false,
      }),
    ],
    [
      1,
      () => ({
        ...once('accounts.count', [name()], async (s, [key]) =>
          s.accounts.count(key, { calls: 1, tokens: 1, usd: 0 }, NOON),
        ),
        repeatable: false,
      }),
    ],
    [1, () => once('accounts.standing', [name()], (s, [key]) => standing(s, key))],
  ];
  return Array.from({ length: count }, () =>
    (makers[random.categorical(makers.map(([weight]) => weight))] as (typeof makers)[number])[1](),
  );
}

/** An operation on these names and texts. They are drawn when it is made, so that all databases get the same. */
function once<const A extends readonly string[]>(
  name: string,
  args: A,
  run: (store: Store, args: A) => Promise<unknown>,
): Operation {
  return {
    name: `${name}(${JSON.stringify(args).slice(1, -1)})`,
    repeatable: true,
    // A refusal is something that is seen, too; whose it is is not.
    run: (store) =>
      run(store, args).catch((error: unknown) =>
        String(error)
          .replace(store.file, 'STORE')
          .replace(/\(.*?\)/, ''),
      ),
  };
}

/** Sums of doubles differ in their last digit: SQLite makes up for rounding, and PostgreSQL does not. */
const standing = async (store: Store, key: string): Promise<unknown> =>
  JSON.parse(
    JSON.stringify(await store.accounts.standing(key, NOON), (_, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(12)) : value,
    ),
  ) as unknown;

const timeless = <T extends object>(of: T): T => ({ ...of, created: undefined });

/** All that can be seen of a store, without times; what several processes write side by side is in the order of its names. */
export async function seen(at: string): Promise<string> {
  const store = openStore(at);
  const runs = await store.runs.list();
  const namespaces = await store.memory.namespaces();
  const traces = await store.traces.list();
  const sorted = <T>(list: readonly T[], key: (one: T) => string): T[] =>
    list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const names = NAMES.flatMap((one) => ['', 'p0/', 'p1/', 'p2/'].map((own) => own + one));
  const all = {
    journal: await Promise.all(names.map((one) => store.journal.get(one))),
    entries: await store.journal.count(),
    runs: sorted(runs.map(timeless), (run) => run.name),
    items: await Promise.all(names.map((one) => store.runs.items(one))),
    traces: sorted(
      await Promise.all(traces.map(async (of) => ({ ...timeless(of), trace: await store.traces.get(of.id) }))),
      (trace) => trace.id,
    ),
    feedback: sorted((await store.feedback.list()).map(timeless), (one) => one.generation),
    notes: await Promise.all(namespaces.map(async (one) => [one, await store.memory.list(one)])),
    found: await Promise.all(namespaces.map((one) => store.memory.search(one, WORDS.join(' '), 9))),
    accounts: await Promise.all(names.map((one) => standing(store, one))),
  };
  await store.close();
  return encodeJson(all);
}
