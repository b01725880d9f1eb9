import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../diagnose/index.ts';
import { folder, lines } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

const found = ({ out }: { readonly out: string }): Diagnosis => JSON.parse(out) as Diagnosis;

describe('plusx diagnose', () => {
  it('says what can help, with the figures, and what to try', async () => {
    const [shown, document] = [
      await inTerminal(['diagnose', 'arithmetic', '-m', 'enumerable', '--quiet']),
      await inTerminal(['diagnose', 'arithmetic', '-m', 'enumerable', '--json']),
    ];
    const { findings, formulas, verdict, items, spending } = found(document);
    expect(shown.code).toBe(0);
    expect(items).toBeGreaterThan(20);
    expect(spending.calls).toBeLessThanOrEqual(300);
    expect(findings.map(({ about }) => about)).toEqual(
      expect.arrayContaining(['format', 'votes', 'verifier', 'stopping', 'greedy', 'critique', 'page', 'tool']),
    );
    expect(shown.out.replaceAll(/\s+/g, ' ')).toContain(verdict);
    for (const { formula } of formulas) expect(shown.out.replaceAll(/\s+/g, ' ')).toContain(formula.slice(0, 20));
    expect(Math.max(...shown.out.split('\n').map((line) => line.length))).toBeLessThan(80);
  });

  it('says what it may spend, and refuses a budget that affords nothing before it asks anything', async () => {
    const dry = await inTerminal([
      'diagnose',
      'arithmetic',
      '-m',
      'enumerable',
      '--budget',
      'calls=200',
      '--dry-run',
      '--json',
    ]);
    expect((JSON.parse(dry.out) as { calls: number }).calls).toBeLessThanOrEqual(200);
    const refused = await inTerminal(['diagnose', 'arithmetic', '-m', 'enumerable', '--budget', 'calls=10']);
    expect([refused.code, refused.out]).toEqual([2, '']);
    expect(refused.err).toMatch(
      /^plusx: diagnose: budget\.calls must afford 8 items of \d+ calls, which is \d+, got 10/,
    );
  });

  it('works on three items, with intervals as wide as that', async () => {
    await using here = await folder();
    const task = await here.write(
      'few.jsonl',
      lines(...[1, 2, 3].map((i) => ({ input: `What is ${i} + 2?`, expected: i + 2 }))),
    );
    const ended = await inTerminal(['diagnose', task, '-m', 'enumerable', '--metric', 'numeric', '--json']);
    const { items, ci95 } = found(ended);
    expect(items).toBe(3);
    expect(ci95[1] - ci95[0]).toBeGreaterThan(0.5);
  });
});
