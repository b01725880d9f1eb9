import { describe, expect, it } from 'vitest';
import { noPostgres } from '../../store/test-support/postgres.ts';
import { inWords, planOf, type Plan } from './test-support/faults.ts';
import { faultRound, LONGEST_S } from './test-support/round.ts';

const SEEDS = [1, 2, 3, 4, 5];

it('each round has its worker, its coordinator and two ends of PostgreSQL, and a seed draws the same again', () => {
  const plans: Plan[] = Array.from({ length: 200 }, (_, seed) => planOf(seed));
  for (const [seed, plan] of plans.entries()) {
    expect(planOf(seed)).toEqual(plan);
    const faults = plan.faults.map(({ fault }) => fault).toSorted();
    expect(faults.join(' ')).toMatch(/^(?:coordinator crash restart worker|coordinator kill restart worker)$/);
    expect(plan.faults.map(({ after }) => after)).toEqual(
      plan.faults.map(({ after }) => after).toSorted((a, b) => a - b),
    );
  }
  // What the rounds of this suite have together.
  const here = SEEDS.map((seed) => `${planOf(seed).fsync} ${inWords(planOf(seed))}`).join('\n');
  for (const fault of ['true', 'false', 'kill', 'crash', '(worker)', '(coordinator)']) expect(here).toContain(fault);
});

describe.skipIf(noPostgres !== undefined)(`an evaluation on two workers${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  it('comes to the report of one process, whatever ends on the way', async () => {
    // They wait most of the time: all at once.
    const rounds = await Promise.all(SEEDS.map(faultRound));
    expect(rounds.map(({ wrong }) => wrong)).toEqual(rounds.map(() => []));
    for (const { seed, beyond, takeover, alone } of rounds) {
      const taken = takeover === undefined ? 'it had nothing in flight' : `taken over after ${takeover.toFixed(1)} s`;
      console.log(`round ${seed}: ${beyond.toFixed(1)} s beyond the work, the killed worker: ${taken}`);
      // A machine on which one process takes long for all starts another coordinator as slowly.
      expect(beyond).toBeLessThan(LONGEST_S + 10 * alone);
    }
    expect(rounds.some(({ takeover }) => takeover !== undefined)).toBe(true);
  });
});
