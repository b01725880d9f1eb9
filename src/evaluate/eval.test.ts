import { describe, expect, it } from 'vitest';
import {
  annotate,
  BudgetExceeded,
  extractAnswer,
  InvalidOption,
  memoryJournal,
  MissingKey,
  option,
  plus,
  questionOf,
  sleep,
  systemClock,
  technique,
  Unreachable,
  UpstreamError,
  user,
  type Model,
} from '../core/index.ts';
import { enumerable } from '../models/written/index.ts';
import { poolModel, type Pool } from '../models/pool/index.ts';
import { bestOfN } from '../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../search/self-consistency/self-consistency.ts';
import { recordedMetric, type Item, type Task } from '../tasks/index.ts';
import { evaluate, type EvaluationProgress } from './eval.ts';
import { agrestiCoull, intervalOfGrades } from './statistics.ts';

const QUESTIONS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const task: Task = {
  name: 'letters',
  items: QUESTIONS.map((id): Item => ({ id, request: { prompt: [user(id)] }, expected: 'right' })),
  metric: {
    name: 'exact',
    grade: (sample, { request, expected }) => Number(extractAnswer(sample, request) === expected),
  },
};
/** Right with a probability that grows with the letter. */
const model = enumerable({
  answers: (prompt) => {
    const i = QUESTIONS.indexOf(questionOf(prompt));
    return { right: 1 + i, wrong: 4, ...(i === 0 && { 'an other': 3 }) };
  },
});
/** The model, but on some items something happens first. */
const upset = (happen: (question: string) => void | Promise<void>, base: Model = model): Model => ({
  ...base,
  can: { ...base.can, concurrency: Infinity },
  async sample(request, context) {
    await happen(questionOf(request.prompt));
    return base.sample(request, context);
  },
});

describe('a result', () => {
  it('holds what was asked of what, and what it took', async () => {
    const result = await evaluate(plus(model, selfConsistency({ n: 3 })), task, { run: 'first', seed: 5 });
    const right = result.results.filter(({ grade }) => grade === 1).length;
    expect(result).toMatchObject({
      task: 'letters',
      model: 'enumerable',
      formula: 'enumerable + selfConsistency(n=3)',
      metric: 'exact',
      run: 'first',
      seed: 5,
      items: 8,
      repeats: 1,
      accuracy: right / 8,
      ci95: agrestiCoull(right, 8),
      samplesPerItem: 3,
      failed: 0,
    });
    expect(result.usage.calls).toBe(24);
    expect(result.results.map(({ id }) => id)).toEqual(QUESTIONS);
    const output = result.results.reduce((sum, { usage }) => sum + (usage.outputTokens ?? Number.NaN), 0);
    expect(result.tokensPerItem).toBeCloseTo((output + 24) / 8, 12);
    expect(result.usdPerItem).toBe(0);
  });

  it('is the same for the same seed whatever the concurrency, and another for another seed', async () => {
    const [one, two, other] = await Promise.all([
      evaluate(model, task, { seed: 1, concurrency: 1, repeats: 5 }),
      evaluate(model, task, { seed: 1, concurrency: 8, repeats: 5 }),
      evaluate(model, task, { seed: 2, repeats: 5 }),
    ]);
    expect(two).toEqual(one);
    expect(other.results).not.toEqual(one.results);
  });

  it('comes close to the truth with many repeats', async () => {
    const { accuracy, ci95, results } = await evaluate(model, task, { repeats: 400 });
    const truth = QUESTIONS.map((_, i) => (1 + i) / (5 + i + (i === 0 ? 3 : 0)));
    results.forEach(({ grade }, i) => expect(Math.abs((grade ?? 0) - (truth[i] ?? 0))).toBeLessThan(0.1));
    expect(Math.abs(accuracy - truth.reduce((sum, p) => sum + p, 0) / 8)).toBeLessThan(0.03);
    expect(ci95[0]).toBeGreaterThan(0);
    expect(ci95[1]).toBeLessThan(1);
  });

  it("does not count the metric's calls as the technique's", async () => {
    const judge = enumerable({ name: 'judge', answers: () => ({ yes: 1 }) });
    const judged: Task = {
      ...task,
      metric: {
        name: 'judged',
        async grade(_, { request }, context) {
          await judge.sample(request, context);
          return 1;
        },
      },
    };
    const { usage, samplesPerItem, results } = await evaluate(model, judged);
    expect([usage.calls, samplesPerItem, results[0]?.usage.calls]).toEqual([16, 1, 1]);
  });

  it('counts samples as the outermost technique does, never an inner one', async () => {
    const adaptive = plus(model, selfConsistency({ n: 30, stop: 'adaptive' }));
    const { samplesPerItem, usage } = await evaluate(adaptive, task);
    expect(samplesPerItem).toBe(usage.calls / 8);
    const frugal = technique({
      name: 'frugal',
      room: 'search',
      summary: 'says it used one sample',
      paper: 'none',
      options: { n: option.integer({ doc: 'draws', default: 4 }) },
      calls: 'n',
      rounds: '1',
      semantics: () => ({ kind: 'heuristic', target: 'P', why: 'a test' }),
      async run(base, request, context, { n }) {
        const { samples } = await base.sample({ ...request, n }, context);
        if (!samples[0]) throw new Error('no sample');
        return annotate(samples[0], { samples: 1 });
      },
    });
    expect((await evaluate(plus(model, frugal()), task)).samplesPerItem).toBe(1);
    const nested = await evaluate(plus(model, frugal(), bestOfN({ n: 2, score: () => 1 })), task);
    expect(nested.samplesPerItem).toBe(8);
  });
});

describe('items', () => {
  it('run side by side, no more at once than allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const slow = upset(async () => {
      most = Math.max(most, ++inFlight);
      await sleep(20, { clock: systemClock, signal: new AbortController().signal });
      inFlight--;
    });
    await evaluate(slow, task, { concurrency: 3 });
    expect(most).toBe(3);
  });

  it('a failed one is counted and named, and the others go on', async () => {
    const broken = upset((question) => {
      if (question === 'c') throw new UpstreamError({ url: 'http://x', status: 500, body: 'no', retryable: true });
      if (question === 'e') throw new TypeError('a bug');
    });
    const seen: EvaluationProgress[] = [];
    const result = await evaluate(broken, task, { onItem: (progress) => seen.push(progress) });
    expect([result.items, result.failed]).toEqual([8, 2]);
    expect(result.results.filter(({ error }) => error !== undefined)).toMatchObject([
      { id: 'c', grade: undefined, error: 'http://x answered 500: no' },
      { id: 'e', grade: undefined, error: 'a bug' },
    ]);
    const whole = await evaluate(model, task);
    const others = whole.results.filter(({ id }) => id !== 'c' && id !== 'e');
    expect(result.accuracy).toBeCloseTo(others.reduce((sum, { grade }) => sum + (grade ?? 0), 0) / 6, 12);
    expect(seen.map(({ done, total }) => [done, total])).toEqual(QUESTIONS.map((_, i) => [i + 1, 8]));
    expect(seen.at(-1)).toMatchObject({ failed: 2, usage: { calls: 6 } });
  });

  it('what would fail every one stops the run at once', async () => {
    let asked = 0;
    const run = (error: () => Error): Promise<unknown> => {
      asked = 0;
      const failing = upset(() => {
        asked++;
        throw error();
      });
      return evaluate(failing, task, { concurrency: 1 });
    };
    await expect(run(() => new MissingKey({ provider: 'x', variable: 'KEY' }))).rejects.toThrow(MissingKey);
    expect(asked).toBe(1);
    await expect(run(() => new Unreachable({ url: 'http://x', why: 'refused' }))).rejects.toThrow(Unreachable);
    expect(asked).toBe(1);
    await expect(run(() => new RangeError('each by itself'))).rejects.toThrow('each by itself');
    expect(asked).toBe(8);
  });

  it.each([
    [400, 8],
    [401, 1],
    [402, 8],
    [403, 1],
    [404, 1],
    [405, 8],
    [500, 8],
  ])('a first answer of %i is followed by %i questions in all', async (status, asked) => {
    let made = 0;
    const failing = upset(() => {
      made++;
      throw new UpstreamError({ url: 'http://x', status, body: '', retryable: false });
    });
    await expect(evaluate(failing, task, { concurrency: 1 })).rejects.toThrow(`answered ${status}`);
    expect(made).toBe(asked);
  });

  it('a server that goes away later fails the items that are left', async () => {
    const leaving = upset((question) => {
      if (question > 'd') throw new Unreachable({ url: 'http://x', why: 'refused' });
    });
    expect((await evaluate(leaving, task, { concurrency: 1 })).failed).toBe(4);
  });

  it('only the first `limit` are run', async () => {
    const { items, results } = await evaluate(model, task, { limit: 3 });
    expect([items, results.length]).toEqual([3, 3]);
    for (const wrong of [{ limit: 0 }, { repeats: 0.5 }, { concurrency: 0 }])
      await expect(evaluate(model, task, wrong)).rejects.toThrow(InvalidOption);
  });
});

it('repeats of an item run side by side, and one after another where the model answers one at a time', async () => {
  const most = async (concurrency: number): Promise<number> => {
    let [now, peak] = [0, 0];
    const watched: Model = {
      ...model,
      can: { ...model.can, concurrency },
      async sample(request, context) {
        peak = Math.max(peak, ++now);
        await sleep(0, context);
        now--;
        return model.sample(request, context);
      },
    };
    await evaluate(watched, task, { limit: 1, repeats: 4 });
    return peak;
  };
  expect([await most(1), await most(Infinity)]).toEqual([1, 4]);
});

it('asks each item with the kind of answer that it declares, else its task', async () => {
  const asked: unknown[] = [];
  const listening: Model = {
    ...model,
    sample(request, context) {
      asked.push(request.providerOptions?.['plusx']?.['answer']);
      return model.sample(request, context);
    },
  };
  const items = task.items.slice(0, 3).map((item, i) => (i === 1 ? { ...item, answer: 'choice' as const } : item));
  await evaluate(listening, { ...task, items, answer: 'number' }, { concurrency: 1 });
  await evaluate(listening, { ...task, items }, { concurrency: 1 });
  expect(asked).toEqual(['number', 'choice', 'number', undefined, 'choice', undefined]);
});

it('items of one group count as one in the interval, also where some of them fail', async () => {
  const groups = ['x', 'x', 'x', 'x', 'y', 'y', 'z', undefined];
  const grouped: Task = { ...task, items: task.items.map((item, i) => ({ ...item, group: groups[i] })) };
  const sure = enumerable({ answers: (prompt) => ({ [questionOf(prompt) < 'e' ? 'right' : 'wrong']: 1 }) });
  const whole = await evaluate(sure, grouped);
  expect(whole).toMatchObject({ accuracy: 0.5, items: 8, groups: 4 });
  expect(whole.ci95).toEqual(intervalOfGrades([1, 1, 1, 1, 0, 0, 0, 0], groups));
  const wide = whole.ci95[1] - whole.ci95[0];
  const { ci95, ...apart } = await evaluate(sure, task);
  expect(apart).not.toHaveProperty('groups');
  expect(wide).toBeGreaterThan(ci95[1] - ci95[0]);
  expect(whole.results.map(({ group }) => group)).toEqual(groups);
  const failing = upset((question) => {
    if (question === 'h' || question === 'e')
      throw new UpstreamError({ url: 'http://x', status: 400, body: 'too long', retryable: false });
  }, sure);
  const rest = await evaluate(failing, grouped);
  expect(rest).toMatchObject({ failed: 2, groups: 3 });
  expect(rest.ci95).toEqual(intervalOfGrades([1, 1, 1, 1, 0, 0], ['x', 'x', 'x', 'x', 'y', 'z']));
});

describe('limits', () => {
  it('a budget holds over the whole evaluation', async () => {
    const { usage, failed, exhausted, accuracy } = await evaluate(model, task, { budget: { calls: 5 } });
    expect([usage.calls, failed, exhausted]).toEqual([5, 3, 'calls']);
    expect(accuracy).toBeGreaterThanOrEqual(0);
    await expect(evaluate(model, task, { budget: { calls: 0 } })).rejects.toThrow(BudgetExceeded);
  });

  it('a deadline keeps what is done', async () => {
    const slow = upset((question) =>
      question > 'c' ? sleep(5000, { clock: systemClock, signal: AbortSignal.timeout(300) }) : undefined,
    );
    const { failed, results } = await evaluate(slow, task, { budget: { ms: 150 } });
    expect(failed).toBe(5);
    expect(results.slice(0, 3).every(({ grade }) => grade !== undefined)).toBe(true);
  });

  it('the caller can stop it', async () => {
    const controller = new AbortController();
    const stopping = upset((question) => {
      if (question === 'c') controller.abort(new Error('enough'));
    });
    await expect(evaluate(stopping, task, { signal: controller.signal, concurrency: 1 })).rejects.toThrow('enough');
  });

  it('a second run with the journal of the first makes no call', async () => {
    const journal = memoryJournal();
    const first = await evaluate(plus(model, selfConsistency()), task, { journal });
    const second = await evaluate(plus(model, selfConsistency()), task, { journal });
    expect(second.accuracy).toBe(first.accuracy);
    expect(second.usage.replays).toBe(second.usage.calls);
  });
});

it('a pool drawn without replacement is repeated 200 times, one with replacement once', async () => {
  const item = {
    id: 'q',
    question: 'q',
    gold: '1',
    samples: [1, 1, 0].map((right) => ({ text: String(right), answer: String(right), correct: right === 1 })),
  };
  const pool: Pool = { name: 'pool:x', file: 'x', items: [item], find: () => item };
  const recorded: Task = {
    name: 'pool:x',
    items: [{ id: 'q', request: { prompt: [user('q')] }, expected: '1' }],
    metric: recordedMetric(pool),
  };
  const orders = await evaluate(plus(poolModel(pool, { replacement: false }), selfConsistency({ n: 3 })), recorded);
  expect([orders.repeats, orders.accuracy, orders.samplesPerItem]).toEqual([200, 1, 3]);
  expect(orders.tokensPerItem).toBeUndefined();
  const single = await evaluate(poolModel(pool, { replacement: false }), recorded);
  expect(Math.abs(single.accuracy - 2 / 3)).toBeLessThan(0.12);
  expect((await evaluate(poolModel(pool), recorded)).repeats).toBe(1);
});
