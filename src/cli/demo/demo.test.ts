import { describe, expect, it } from 'vitest';
import { json, plusx } from '../test-support/plusx.ts';

interface Row {
  readonly room: string;
  readonly formula: string;
  readonly items: number;
  readonly base: number;
  readonly lifted: number;
  readonly ci95: readonly [number, number];
  readonly equalCompute: number;
  readonly equalComputeVote: number;
  readonly equalComputeBestOfN: number;
  readonly tokensPerItem: number;
  readonly baseTokensPerItem: number;
}

interface Result {
  readonly formula: string;
  readonly exact: boolean;
  readonly accuracy: number;
  readonly totalVariation: number;
  readonly answers: readonly { readonly probability: number }[];
}

describe.concurrent('plusx demo --exact', () => {
  it('transforms the built-in model exactly, and every technique helps', async () => {
    const ended = await plusx(['demo', '--exact', '--json']);
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
    const { code, out } = await plusx(['demo', '--exact'], { env: { COLUMNS: '60', NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toContain('+ selfConsistency');
    expect(out).toContain('█');
    expect(out).toContain('--model openai/');
    expect(out).not.toContain('\u001B');
  });
});

describe('plusx demo', () => {
  it('measures what each X adds to the embedded model, in all six rooms', async () => {
    const ended = await plusx(['demo', '--items', '6', '--json']);
    expect(ended).toMatchObject({ code: 0, err: '' });
    const rows = json(ended) as Row[];
    const rooms = ['search', 'iterate', 'remember', 'tools', 'rephrase', 'decompose'];
    expect(new Set(rows.map(({ room }) => room))).toEqual(new Set(rooms));
    for (const { items, base, lifted, ci95, equalCompute, equalComputeVote, equalComputeBestOfN, ...row } of rows) {
      expect(items).toBe(row.formula.includes('treeOfThoughts') ? 2 : 6); // a dear row asks fewer
      for (const share of [base, lifted, equalCompute]) expect(share * items).toBeCloseTo(Math.round(share * items), 9);
      expect(ci95[0]).toBeLessThanOrEqual(lifted);
      expect(ci95[1]).toBeGreaterThanOrEqual(lifted);
      expect(equalCompute).toBe(Math.max(equalComputeVote, equalComputeBestOfN));
      expect(row.tokensPerItem).toBeGreaterThan(row.baseTokensPerItem * 0.5);
      expect(row.formula).toMatch(/^plusx:tiny \+ /);
    }
  }, 120_000);

  it('draws the lifts and the scaling curves for a person', async () => {
    const { code, out } = await plusx(['demo', '--items', '2'], { env: { COLUMNS: '100', NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toContain('tools: do not do it by hand');
    expect(out).toContain('the same tokens without it: vote of ');
    expect(out).toContain('vote of n');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('no evidence about large models');
    expect(out).toContain('--model openai/');
    expect(out).not.toContain('\u001B');
  }, 120_000);
});
