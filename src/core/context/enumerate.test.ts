import { describe, expect, it } from 'vitest';
import type { Choice } from './choice.ts';
import { enumerate, SharedAddress, type Outcome } from './enumerate.ts';

async function all<T>(program: (choice: Choice) => Promise<T>, limit?: number): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  for await (const outcome of enumerate(program, limit === undefined ? {} : { limit })) outcomes.push(outcome);
  return outcomes;
}

describe('enumerate', () => {
  it('visits every path once, with its probability', async () => {
    const outcomes = await all(async (choice) => {
      const first = choice.categorical([1, 3]);
      return first === 0 ? 'stop' : `go ${choice.fork('then').categorical([1, 1, 2])}`;
    });
    expect(outcomes).toEqual([
      { value: 'stop', probability: 0.25 },
      { value: 'go 0', probability: 0.1875 },
      { value: 'go 1', probability: 0.1875 },
      { value: 'go 2', probability: 0.375 },
    ]);
  });

  it('sums to one over programs that are concurrent', async () => {
    const outcomes = await all(async (choice) => {
      const draws = Array.from({ length: 4 }, async (_, i) => {
        for (let turn = 0; turn < (i * 7) % 5; turn++) await Promise.resolve();
        return choice.fork(`draw/${i}`).categorical([1, 2, 3]);
      });
      return (await Promise.all(draws)).join('');
    });
    expect(outcomes).toHaveLength(81);
    expect(new Set(outcomes.map(({ value }) => value)).size).toBe(81);
    expect(outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
  });

  it('passes over choices of one outcome, and over outcomes of no weight, on every path', async () => {
    const outcomes = await all(async (choice) => {
      const sure = choice.categorical([0, 5]);
      const coin = choice.categorical([1, 0, 1]);
      const sureAgain = choice.fork('again').categorical([2]);
      return [sure, coin, sureAgain, choice.categorical([1, 1])].join('');
    });
    expect(outcomes.map(({ value }) => value)).toEqual(['1000', '1001', '1200', '1201']);
  });

  it('runs a program without choices once', async () => {
    expect(await all(async () => 'x')).toEqual([{ value: 'x', probability: 1 }]);
  });

  it('refuses a program that is not deterministic', async () => {
    let runs = 0;
    await expect(all(async (choice) => choice.fork(`${runs++}`).categorical([1, 1]))).rejects.toThrow(
      /not deterministic: expected a choice at " > 0#0", got one at " > 1#0"/,
    );
  });

  it('refuses a back end that takes a seed, and more paths than its limit', async () => {
    await expect(all(async (choice) => choice.seed())).rejects.toThrow(/takes a seed/);
    await expect(all(async (choice) => choice.categorical([1, 1, 1, 1]), 3)).rejects.toThrow(/more than 3 paths/);
    expect(await all(async (choice) => choice.categorical([1, 1, 1]), 3)).toHaveLength(3);
  });
});

describe('two decisions at one address', () => {
  it.each([
    ['one key forked twice', (choice: Choice) => [choice.fork('a'), choice.fork('a')]],
    ['the same key deeper down', (choice: Choice) => [choice.fork('a').fork('b'), choice.fork('a').fork('b')]],
  ])('are refused: %s', async (_, forks) => {
    const program = async (choice: Choice): Promise<string> =>
      forks(choice)
        .map((one) => one.categorical([1, 1]))
        .join('');
    await expect(all(program)).rejects.toThrow(/Two decisions at the address " > a.*Fork the context/);
  });

  it('are refused where one of them has no choice to make: in a run it may have', async () => {
    await expect(
      all(async (choice) => choice.fork('a').categorical([1, 1]) + choice.fork('a').categorical([1])),
    ).rejects.toThrow(SharedAddress);
  });

  it('are no two decisions where one object decides twice, or keys differ', async () => {
    const outcomes = await all(async (choice) => {
      const one = choice.fork('a');
      return [one.categorical([1, 1]), one.categorical([1, 1]), choice.fork('b').categorical([1, 1])].join('');
    });
    expect(outcomes).toHaveLength(8);
  });
});
