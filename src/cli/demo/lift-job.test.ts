import { describe, expect, it } from 'vitest';
import { runJob } from './lift-job.ts';

describe('a job of the lift table', () => {
  it('asks the person for the word that only the notes explain', async () => {
    const right = async (plus: string): Promise<number> => {
      const { grades } = await runJob({ task: 'strange', plus, items: 20, seed: 0, temperature: 0 });
      return grades.reduce<number>((sum, grade) => sum + (grade ?? 0), 0);
    };
    expect(await right('clarify')).toBeGreaterThan(await right(''));
  });

  it('has log-probabilities where candidates are told apart by them', async () => {
    const right = async (plus: string): Promise<number> => {
      const { grades } = await runJob({ task: 'steps', plus, items: 20, seed: 0, temperature: undefined });
      return grades.reduce<number>((sum, grade) => sum + (grade ?? 0), 0);
    };
    expect(await right('bestOfN(n=4, score=confidence)')).toBeGreaterThan(await right(''));
  });

  it('takes a combiner of embedded models in place of an extension of one', async () => {
    const one = await runJob({ task: 'steps', plus: '', items: 2, seed: 0, temperature: 0 });
    const two = await runJob({
      task: 'steps',
      plus: 'ensemble(plusx:tiny, plusx:tiny)',
      items: 2,
      seed: 0,
      temperature: 0,
    });
    expect(two.grades).toEqual(one.grades);
    expect(two.tokensPerItem).toBeCloseTo(2 * one.tokensPerItem);
  });
});
