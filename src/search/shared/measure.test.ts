import { describe, expect, it } from 'vitest';
import { hasData } from '../../../scripts/measure/matrix.ts';
import { cascades, prompts, votes, wordings } from '../../../scripts/measure/search.ts';

if (!hasData) console.warn('measure: skipped, there is no ../shared/data/matrices');

const number = (value: number | string | undefined): number => Number.parseFloat(String(value));

describe.skipIf(!hasData)('what docs/measurements/search.md says', { timeout: 120_000 }, () => {
  it('nine wordings of one prompt vote to 80, each alone is right on 69 to 73 of 100', async () => {
    const lines = new Map((await wordings({ many: false })).map(({ what, cells }) => [what, cells]));
    const accuracy = (what: string): number => number(lines.get(what)?.[0]);
    expect(accuracy('the worst of nine wordings')).toBeCloseTo(69.14, 1);
    expect(accuracy('the best of nine wordings')).toBeCloseTo(72.63, 1);
    expect(accuracy('`ensemble` of nine')).toBeCloseTo(80.14, 1);
    // Drawn by chance, nine votes leave some wordings out.
    expect(accuracy('`mixture` of nine + `selfConsistency(n=9)`')).toBeLessThan(accuracy('`ensemble` of nine'));
  });

  it('a cascade is far above the same share of questions sent up by chance, and loses where the dear model is worse', async () => {
    const cheap = ['gemma-2-9b-it', 'Meta-Llama-3.1-8B-Instruct', 'Qwen2-7B-Instruct'];
    const turbo = ['gpt-3.5-turbo_COT', 'gpt-3.5-turbo_noNL', 'gpt-3.5-turbo_NL+SL'];
    const [good, bad] = await cascades([
      { file: 'zeroeval/matrix_gsm', cheap, dear: 'gpt-4o-2024-08-06', threshold: 1 },
      { file: 'faithful_cot/matrix_GSM8K', cheap: turbo, dear: 'gpt4_COT', threshold: 1 },
    ]);
    const [low, high, climbed, up, chance] = (good?.cells ?? []).map(number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    expect(low).toBeCloseTo(90.67, 1);
    expect(climbed).toBeGreaterThan(chance + 3);
    expect(climbed).toBeGreaterThan(high - 0.5);
    expect(up).toBeLessThan(35);
    const [before, , after] = (bad?.cells ?? []).map(number) as [number, number, number];
    expect(after).toBeLessThan(before - 1);
  });

  it('a program beats a chain of thought on word problems, and is at chance where there is nothing to compute', async () => {
    const lines = new Map((await prompts()).map(({ what, cells }) => [what, cells.map(number)]));
    expect(lines.size).toBe(12);
    const [, thought = 0, , program = 0] = lines.get('GSM8K, code002') ?? [];
    expect(program).toBeGreaterThan(thought + 9);
    const [, , least = 0, guess = 0] = lines.get('StrategyQA, code002') ?? [];
    expect(least).toBeGreaterThan(guess + 16);
    expect(Math.abs(guess - 50)).toBeLessThan(6);
  });

  it('votes that stop early say what all of them say', async () => {
    const [line] = await votes(10, ['date_code002_ltm']);
    const [one, all, adaptive, samples] = (line?.cells ?? []).map(number) as [number, number, number, number];
    expect(one).toBeCloseTo(77.1, 1);
    expect(Math.abs(all - adaptive)).toBeLessThan(0.4);
    expect(Math.abs(samples / 4.39 - 1)).toBeLessThan(0.05);
  });
});
