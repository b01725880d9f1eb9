/** One call in flight for all that wait for a draw, and one charge for all that make it in a run. */
import { describe, expect, it } from 'vitest';
import {
  ask,
  inference,
  memoryJournal,
  NO_USAGE,
  rootScope,
  sleep,
  systemClock,
  toRequest,
  type Context,
  type Journal,
  type Model,
  type Sampled,
  type Usage,
} from '../index.ts';
import { fromBackend } from './from-backend.ts';

interface Upstream {
  readonly model: Model;
  /** Candidates asked for, call by call. */
  readonly calls: number[];
  readonly aborted: () => number;
}

/** A server that takes its time; `fails` says which of its calls break. */
function upstream({
  native = false,
  fails = () => false,
  ms = 20,
}: { native?: boolean; fails?: (call: number) => boolean; ms?: number } = {}): Upstream {
  const calls: number[] = [];
  let aborted = 0;
  const model = fromBackend({
    name: 'upstream',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    price: { input: 1e-6, output: 1e-6 },
    native: () => native,
    bound: () => ({ inputTokens: 1, outputTokens: 10 }),
    async call(_, { choices, signal }) {
      const call = calls.push(choices.length);
      try {
        await sleep(ms, { clock: systemClock, signal });
      } catch (error) {
        aborted++;
        throw error;
      }
      if (fails(call)) throw new RangeError(`call ${call} broke`);
      return {
        candidates: choices.map((choice) => ({
          content: [{ type: 'text' as const, text: `${choice.seed() % 1000}` }],
          finish: { unified: 'stop' as const, raw: undefined },
        })),
        usage: { ...NO_USAGE, inputTokens: choices.length, outputTokens: choices.length, usd: choices.length * 2e-6 },
      };
    },
  });
  return { model, calls, aborted: () => aborted };
}

const request = (n: number) => ({ ...toRequest('q'), n });
const texts = ({ samples }: Pick<Sampled, 'samples'>): string => JSON.stringify(samples.map(({ content }) => content));
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe.each([[false], [true]])('two runs over one journal (several candidates a call: %s)', (native) => {
  it('ask for the same draw once, and have the same', async () => {
    const { model, calls } = upstream({ native });
    const journal = memoryJournal();
    const answers = await Promise.all([4, 4, 6, 1].map((n) => ask(model, request(n), { journal })));
    expect(sum(calls)).toBe(6);
    expect(texts(answers[0] as Sampled)).toBe(texts(answers[1] as Sampled));
    // Each run pays for its own draws in its own account; those that another one's call brought are replays.
    expect(answers.map(({ usage }) => usage.calls)).toEqual([4, 4, 6, 1]);
    expect(sum(answers.map(({ usage }) => usage.calls - usage.replays))).toBe(6);
    await ask(model, request(6), { journal });
    expect(sum(calls)).toBe(6);
  });

  it('with a journal that takes its time over everything', async () => {
    const { model, calls } = upstream({ native, ms: 1 });
    const kept = memoryJournal();
    const pause = async (): Promise<void> => sleep(3, { clock: systemClock, signal: new AbortController().signal });
    const journal: Journal = {
      get: async (key) => (await pause(), kept.get(key)),
      put: async (key, entry) => (await pause(), kept.put(key, entry)),
    };
    for (let wave = 0; wave < 4; wave++)
      await Promise.all(Array.from({ length: 4 }, (_, i) => ask(model, request(1 + i + wave), { journal })));
    expect(sum(calls)).toBe(7);
  });

  it('go on when the one that asked first is stopped', async () => {
    const { model, calls, aborted } = upstream({ native });
    const journal = memoryJournal();
    const controller = new AbortController();
    const first = ask(model, request(3), { journal, signal: controller.signal });
    const second = ask(model, request(3), { journal });
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(first).rejects.toThrow('enough');
    expect((await second).samples).toHaveLength(3);
    expect([sum(calls), aborted()]).toEqual([3, 0]);
  });

  it('go on when one that waits is stopped, and the call ends when nobody waits any more', async () => {
    const { model, calls, aborted } = upstream({ native });
    const journal = memoryJournal();
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const runs = controllers.map(({ signal }) => ask(model, request(2), { journal, signal }));
    const outcomes = Promise.allSettled(runs);
    setTimeout(() => controllers.forEach((controller) => controller.abort(new Error('enough'))), 5);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect([sum(calls), aborted()]).toEqual([2, calls.length]);
    const [waits, stays] = [new AbortController(), ask(model, request(2), { journal })];
    const left = ask(model, request(2), { journal, signal: waits.signal });
    setTimeout(() => waits.abort(new Error('gone')), 5);
    await expect(left).rejects.toThrow('gone');
    expect((await stays).samples).toHaveLength(2);
    expect(sum(calls)).toBe(4);
  });

  it('ask for themselves when the budget of the first does not allow the call', async () => {
    const { model, calls } = upstream({ native });
    const journal = memoryJournal();
    const poor = ask(model, request(4), { journal, budget: { calls: 1 } });
    const rich = ask(model, request(4), { journal });
    expect((await poor).samples).toHaveLength(1);
    expect((await rich).samples).toHaveLength(4);
    expect(sum(calls)).toBe(4);
  });

  it('hear of a call that broke, once each, and may ask again', async () => {
    const { model, calls } = upstream({ native, fails: (call) => call <= 1 });
    const journal = memoryJournal();
    const outcomes = await Promise.allSettled([0, 1, 2].map(async () => ask(model, request(1), { journal })));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(sum(calls)).toBe(1);
    expect((await ask(model, request(1), { journal })).samples).toHaveLength(1);
  });
});

/** Several inferences of one place of one run. */
async function inRun(
  options: Parameters<typeof rootScope>[0],
  work: (context: Context) => Promise<unknown>,
): Promise<{ usage: Usage; spending: Usage; spent: { calls: number; tokens: number } }> {
  const { context, close } = rootScope(options);
  try {
    await work(inference(context, 'item/1'));
    const { usage, spending } = context.ledger;
    return { usage, spending, spent: context.budget.spent };
  } finally {
    close();
  }
}

describe.each([[false], [true]])('in one run a draw is charged once (several candidates a call: %s)', (native) => {
  const both = async (model: Model, context: Context): Promise<unknown> =>
    Promise.all([model.sample(request(3), context), model.sample(request(5), context)]);

  it('however many formulas make it, one after the other or side by side', async () => {
    for (const sideBySide of [false, true]) {
      const { model, calls } = upstream({ native });
      const { usage, spending, spent } = await inRun(
        { journal: memoryJournal(), budget: { calls: 100 } },
        async (context) => {
          if (sideBySide) return both(model, context);
          await model.sample(request(3), context);
          return model.sample(request(5), context);
        },
      );
      expect([usage.calls, usage.inputTokens, usage.replays]).toEqual([8, 8, 3]); // each as if it were alone
      expect([spending.calls, spending.inputTokens, spending.replays]).toEqual([5, 5, 0]);
      expect([spent.calls, sum(calls)]).toEqual([5, 5]);
    }
  });

  it('so a budget of the draws that differ is enough', async () => {
    const { model } = upstream({ native });
    const { spent } = await inRun(
      { journal: memoryJournal(), budget: { calls: 5 }, atLimit: 'throw' },
      async (context) => both(model, context),
    );
    expect(spent.calls).toBe(5);
  });

  it('and a run that is resumed, or repeated, ends as the whole one did', async () => {
    for (const budget of [{ calls: 5 }, { calls: 4 }, { tokens: 18 }]) {
      const journal = memoryJournal();
      const results: unknown[] = [];
      for (let time = 0; time < 2; time++) {
        const { model } = upstream({ native });
        let told = '';
        const { usage, spending, spent } = await inRun({ journal, budget }, async (context) => {
          const first = await model.sample(request(3), context);
          const second = await model.sample(request(5), context);
          told = texts(first) + texts(second);
        });
        results.push([told, usage.calls, spending.calls, spending.inputTokens, spent.calls, spent.tokens]);
      }
      expect(results[1]).toEqual(results[0]);
    }
  });

  it('a part that is stopped while another waits is charged when the call ends', async () => {
    const { model, calls } = upstream({ native });
    const { usage, spending, spent } = await inRun(
      { journal: memoryJournal(), budget: { calls: 9 } },
      async (context) => {
        const controller = new AbortController();
        const first = model.sample(request(1), { ...context, signal: controller.signal });
        const second = model.sample(request(1), context);
        setTimeout(() => controller.abort(new Error('enough')), 5);
        await expect(first).rejects.toThrow('enough');
        await second;
      },
    );
    expect(sum(calls)).toBe(1);
    expect([usage.calls, usage.unreported, usage.replays]).toEqual([2, 1, 1]);
    expect([spending.calls, spending.unreported, spending.inputTokens]).toEqual([1, 0, 1]);
    expect(spent.calls).toBe(1);
  });

  it('items of equal text are charged each', async () => {
    const { model, calls } = upstream({ native });
    const { context, close } = rootScope({ journal: memoryJournal() });
    await Promise.all(['a', 'b'].map((item) => model.sample(request(2), inference(context, item))));
    close();
    expect([sum(calls), context.ledger.spending.calls]).toEqual([4, 4]);
  });
});
