import { describe, expect, it } from 'vitest';
import { json, plusx } from './test-support/plusx.ts';

interface Result {
  readonly formula: string;
  readonly exact: boolean;
  readonly accuracy: number;
  readonly totalVariation: number;
  readonly answers: readonly { readonly probability: number }[];
}

describe.concurrent('plusx demo', () => {
  it('transforms the built-in model exactly, and every technique helps', async () => {
    const ended = await plusx(['demo', '--json']);
    expect(ended).toMatchObject({ code: 0, err: '' });
    const { results, server, right } = json(ended) as { results: Result[]; server: unknown; right: string };
    expect({ right, server }).toEqual({ right: '408', server: null });
    expect(results.length).toBeGreaterThanOrEqual(4);
    for (const { exact, accuracy, totalVariation, answers } of results) {
      expect(exact).toBe(true);
      expect(accuracy).toBeGreaterThan(0.6);
      expect(totalVariation).toBeGreaterThanOrEqual(accuracy - 0.5 - 1e-12);
      expect(answers.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
    }
    // By hand: a right draft (0.5) stays with 0.9 + 0.1 · 0.7; any other becomes right with 0.75 · 0.7.
    const refined = results.find(({ formula }) => formula === 'enumerable + selfRefine(rounds=1)');
    expect(refined?.accuracy).toBeCloseTo(0.5 * 0.97 + 0.5 * 0.75 * 0.7, 12);
  });

  it('shows it to a person in a narrow terminal without colours', async () => {
    const { code, out } = await plusx(['demo'], { env: { COLUMNS: '60', NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toContain('+ selfConsistency');
    expect(out).toContain('█');
    expect(out).toContain('--model openai/');
    expect(out).not.toContain('\u001B');
  });
});
