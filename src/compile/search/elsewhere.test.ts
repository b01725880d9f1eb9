import { expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import { decodeJson, encodeJson, memoryJournal, seeded, type Limits, type Model } from '../../core/index.ts';
import { createBudget } from '../../core/accounts/budget.ts';
import { systemClock } from '../../core/context/clock.ts';
import { doItem, readElsewhere } from '../../evaluate/elsewhere/elsewhere.ts';
import { scripted } from '../../models/written/index.ts';
import { compile } from '../compile.ts';
import type { CompileOptions } from '../options.ts';
import { parseSpace } from '../space/parse.ts';
import { questions, world } from '../test-support/world.ts';
import type { Chapter } from './chapter.ts';
import { partsOfSearch } from './elsewhere.ts';

const read = (text: string) => parseSpace(text, { techniques, model: () => undefined });
const CASES: readonly {
  readonly space: string;
  readonly budget: Limits;
  readonly perQuestion?: Limits;
  readonly items?: number;
  /** Wordings that err apart, so that a panel of them is better than each. */
  readonly wordings?: true;
  /** Whether new wordings are written, and one of them is better. */
  readonly reflects?: true;
  /** After how many items it is killed, and begun again. */
  readonly kills?: readonly number[];
  /** What is in the composition that is picked, and in the warnings. */
  readonly says?: readonly RegExp[];
}[] = [
  {
    space: 'demos(k=[0, 2]) + maybe(reRead) + selfConsistency(n=[3, 5], stop=["fixed", "adaptive"])',
    budget: { calls: 1400 },
  },
  { space: 'maybe(reRead) + selfConsistency(n=[3, 9])', budget: { calls: 900 } },
  { space: 'anyOf(selfRefine(rounds=[1, 2]), reRead)', budget: { calls: 700 }, perQuestion: { calls: 12 } },
  {
    space: 'prompt("Word A.", "Word B.", "Word C.")',
    budget: { calls: 4000 },
    perQuestion: { calls: 6 },
    items: 120,
    wordings: true,
  },
  {
    space: 'demos(k=[0, 2]) + prompt("Be brief.", "Be kind.")',
    budget: { calls: 2500 },
    items: 120,
    reflects: true,
    kills: [40, 19],
    says: [/Name the number/, /critic wrote no new wording: the critic is away/],
  },
];

/** Writes a better wording at its first answers, and none at its last ones. */
const critic = (): Model =>
  scripted(
    (_, { choice }) =>
      choice.fork('fails').categorical([0.5, 0.5]) === 1
        ? new Error('the critic is away')
        : `<instructions>Name the number ${'!'.repeat(choice.fork('which').categorical([1, 1, 1]))}</instructions>`,
    { name: 'critic', price: { input: 1e-6, output: 4e-6 } },
  );

it('a search whose items are done elsewhere is the one of a single process, killed and gone on with or not', async () => {
  const kinds = new Set<string>();
  for (const [seed, one] of CASES.entries()) {
    const { space, budget, perQuestion, items = 48, wordings, reflects, kills = [40], says = [] } = one;
    const knows = (word: string, question: number): number => seeded(`${word} ${question}`).categorical([3, 7]);
    const right = (prompt: string, question: number): number => {
      const word = /Word (\w)/.exec(prompt)?.[1];
      if (wordings) return word === undefined ? 0.4 : knows(word, question);
      if (reflects) return prompt.includes('Name the number') ? 0.9 : 0.35;
      return (prompt.length > 60 ? 0.8 : 0.45) + (question % 3) / 20;
    };
    const made = (): Model => world({ right, price: { input: 1e-6, output: 4e-6 } });
    const task = questions(items);
    const told = (): CompileOptions => ({
      model: made(),
      budget,
      seed,
      ...(perQuestion && { perQuestion }),
      ...(reflects && { reflect: critic() }),
    });
    const here = await compile(read(space), task, told());
    const [journal, events] = [memoryJournal(), memoryJournal()];
    // Another process, which makes its own of the space.
    const worker = partsOfSearch(read(space), task, told());
    const workers = createBudget(budget, systemClock, undefined, 'run');
    const results = new Map<string, Promise<string>>();
    const search = (killAfter: number): ReturnType<typeof compile> => {
      let left = killAfter;
      const killer = new AbortController();
      return compile(read(space), task, {
        ...told(),
        journal: events,
        signal: killer.signal,
        async elsewhere(chapter) {
          for (const { kind } of chapter.arms) kinds.add(kind);
          // It travels as text.
          const sent = decodeJson(encodeJson(chapter)) as Chapter;
          const works = worker.partsOf(sent);
          return async (item, parts) => {
            if (--left < 0) killer.abort(new Error('killed'));
            killer.signal.throwIfAborted();
            const unit = encodeJson([sent, item.id, parts]);
            const isAlone = sent.writing !== undefined;
            const options = { seed, journal, run: '1', order: 'in turn', budget: workers, isAlone } as const;
            const wanted = parts.flatMap((part) => works[part] ?? []);
            const done = results.get(unit) ?? doItem(item, wanted, options);
            results.set(unit, done); // what a worker has begun it ends, whoever asked for it
            return readElsewhere(await done);
          };
        },
      });
    };
    for (const after of kills) await expect(search(after)).rejects.toThrow('killed');
    const there = await search(Infinity);
    expect(encodeJson(there.report)).toBe(encodeJson(here.report));
    for (const what of says) expect([there.plus, ...there.report.warnings].join('\n')).toMatch(what);
    expect(encodeJson([there.plus, there.demonstrations, there.router])).toBe(
      encodeJson([here.plus, here.demonstrations, here.router]),
    );
    expect(workers.spent.calls).toBeLessThanOrEqual(budget.calls ?? 0);
  }
  expect([...kinds].toSorted()).toEqual(['arm', 'panel', 'vote', 'wording']);
});
