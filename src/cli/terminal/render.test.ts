import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_USAGE, openSpan, closeSpan } from '../../core/index.ts';
import { bars, rowsOf } from './bars.ts';
import { totalVariation, type Distribution } from '../../evaluate/distribution/distribution.ts';
import { progressBar, progressLine } from './progress.ts';
import { render } from '../verbs/show.ts';
import { fakeOutput } from '../test-support/output.ts';
import { clip, harmless, oneLine, padEnd, width, wrap } from './text.ts';
import { jsonText } from './terminal.ts';
import { traceTree } from './tree.ts';

it('a JSON document shows dollars without the tail that sums leave, and all else as it is', () => {
  const [tenths, third] = [0.1 + 0.2, 1 / 3];
  const document = {
    usd: tenths,
    usdPerItem: third,
    of: [{ usd: 1e-9 * tenths }, { usd: undefined }],
    accuracy: third,
    used: tenths,
  };
  expect(JSON.parse(jsonText(document))).toEqual({
    usd: 0.3,
    usdPerItem: 0.333333333333,
    of: [{ usd: 3e-10 }, { usd: null }],
    accuracy: third,
    used: tenths,
  });
});

const distribution = (weights: { readonly [answer: string]: number }): Distribution => ({
  exact: true,
  paths: Object.keys(weights).length,
  samples: undefined,
  answers: Object.entries(weights).map(([answer, probability]) => ({ answer, probability, ci95: undefined })),
  callsPerAnswer: 1,
  tokensPerAnswer: 2,
  usdPerAnswer: 0,
});
const widths = (text: string): number[] => text.split('\n').map(width);

const anyDistribution = fc
  .dictionary(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 100 }), {
    minKeys: 1,
    maxKeys: 30,
  })
  .map((weights) => {
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    return distribution(
      Object.fromEntries(Object.entries(weights).map(([answer, weight]) => [answer, weight / total])),
    );
  });

describe('bars', () => {
  it('never run over the edge of the terminal, and no row is lost from the sum', () => {
    fc.assert(
      fc.property(
        anyDistribution,
        anyDistribution,
        fc.integer({ min: 30, max: 160 }),
        fc.boolean(),
        (before, after, columns, compact) => {
          const drawn = bars({ before, after }, fakeOutput(columns), { compact });
          expect(Math.max(...widths(drawn))).toBeLessThanOrEqual(columns);
          const rows = rowsOf({ before, after });
          expect(rows.reduce((sum, row) => sum + row.before, 0)).toBeCloseTo(1, 9);
          expect(rows.reduce((sum, row) => sum + (row.after ?? 0), 0)).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are as long as what they show', () => {
    const pair = { before: distribution({ a: 0.25, b: 0.75 }), after: distribution({ a: 0.625, b: 0.375 }) };
    const lines = bars(pair, fakeOutput(80)).split('\n');
    const cells = lines.map((line) => line.match(/[█░]/g)?.length ?? 0);
    // Rows: a before, a after, b before, b after; 0.75 fills the line.
    const full = cells[2] as number;
    expect(cells[0]).toBe(Math.round(full / 3));
    expect(cells[1]).toBe(Math.floor((full * 5) / 6));
    expect(lines[1]).toContain('+37.5');
    expect(lines[3]).toContain('−37.5');
  });
});

it('total variation is a distance: 0 to itself, the same both ways, at most 1', () => {
  fc.assert(
    fc.property(anyDistribution, anyDistribution, (a, b) => {
      expect(totalVariation(a, a)).toBe(0);
      expect(totalVariation(a, b)).toBeCloseTo(totalVariation(b, a), 12);
      expect(totalVariation(a, b)).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
  expect(totalVariation(distribution({ a: 1 }), distribution({ b: 1 }))).toBe(1);
});

describe('text', () => {
  it('counts columns, not characters', () => {
    expect(['abc', '你好', 'e\u0301', '🙂', '\u001B[31mred\u001B[39m'].map(width)).toEqual([3, 4, 1, 2, 3]);
    expect(width(padEnd('你好', 7))).toBe(7);
  });

  it('clips to the columns there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).map(oneLine), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(width(clip(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('lets nothing of a model steer the terminal', () => {
    expect(harmless('a\u001B[2Jb\u001B]0;title\u0007c\rd\u0008e\nf\tg')).toBe('abcde\nf\tg');
    expect(harmless('a\u009B31mb\u009D0;title\u009Cc\u001B]8;;x\u001B\\d')).toBe('abcd');
    expect(harmless('pay \u202E001\u202C of \u2066a\u2069')).toBe('pay 001 of a');
    expect(harmless('\u05D0\u200F!')).toBe('\u05D0\u200F!'); // a mark that such text needs
  });

  it('wraps between words and keeps them all', () => {
    const text = 'one two three four five six seven';
    const wrapped = wrap(text, 12, '  ');
    expect(Math.max(...widths(wrapped))).toBeLessThanOrEqual(12);
    expect(wrapped.split(/\s+/)).toEqual(text.split(' '));
  });
});

describe('progress', () => {
  it('tells how far, how fast, for how much and how long still', () => {
    const usage = { ...NO_USAGE, calls: 50, usd: 0.25 };
    expect(progressLine({ done: 9, total: 3, unit: 'items', elapsed: 1000, usage: undefined })).toContain(
      '█ 9/3 items',
    );
    expect(progressLine({ done: 50, total: 200, unit: 'items', elapsed: 10_000, usage })).toBe(
      '█████░░░░░░░░░░░░░░░  50/200 items · 5.0/s · 50 calls · $0.250 · 30.0 s left',
    );
  });

  it('says nothing where standard error is no terminal', async () => {
    const err = { ...fakeOutput(), isTerminal: false };
    const terminal = { out: fakeOutput(), err, env: {}, signal: new AbortController().signal };
    let clock = 0;
    const bar = progressBar(terminal, { total: 10, unit: 'items', now: () => (clock += 10_000) });
    bar.update(5);
    await new Promise((resolve) => setTimeout(resolve, 250));
    bar.stop();
    expect(err.text()).toBe('');
  });

  it('shows itself after two seconds and takes itself away', async () => {
    const err = fakeOutput();
    const terminal = { out: fakeOutput(), err, env: {}, signal: new AbortController().signal };
    let clock = 0;
    const bar = progressBar(terminal, { total: 10, unit: 'items', now: () => clock });
    bar.update(5);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(err.text()).toBe('');
    clock = 3000;
    await new Promise((resolve) => setTimeout(resolve, 250));
    bar.stop();
    expect(err.text()).toContain(' 5/10 items');
    expect(err.text().endsWith('\r\u001B[2K')).toBe(true);
  });
});

it('a page of show fits the terminal, formulas of any length included', () => {
  const formula = `enumerable + ${'selfRefine(rounds=1) + '.repeat(6)}selfConsistency`;
  for (const columns of [40, 60, 80, 200]) {
    const page = render(
      {
        question: 'A question? '.repeat(30),
        model: 'enumerable',
        formula,
        before: distribution({ yes: 1 }),
        after: distribution({ yes: 0.5, no: 0.5 }),
      },
      fakeOutput(columns),
    );
    expect(Math.max(...widths(page))).toBeLessThanOrEqual(columns);
    expect(page.replaceAll(/\s+/g, ' ')).toContain(formula);
  }
});

it('the tree sums up what is too much to show, and unknown is not zero', () => {
  const root = openSpan(undefined, { path: 'vote', name: 'vote', kind: 'technique', start: 0 });
  for (let i = 0; i < 30; i++) {
    const call = openSpan(root, { path: `vote > draw/${i}`, name: 'model', kind: 'call', start: 0 });
    closeSpan(call, {
      end: 5,
      status: 'ok',
      usage: { ...NO_USAGE, calls: 1, inputTokens: undefined, usd: undefined },
      preview: 'an\nanswer',
    });
  }
  closeSpan(root, { end: 5, status: 'ok', usage: { ...NO_USAGE, calls: 30, inputTokens: undefined, usd: undefined } });
  const tree = traceTree(root, fakeOutput(70));
  expect(tree.split('\n')).toHaveLength(14);
  expect(tree).toMatch(/^vote +30 calls +– tok +– +5 ms/);
  expect(tree).toContain('├─ model · draw/7');
  expect(tree).toContain('an answer');
  expect(tree).toContain('└─ and 18 more');
  expect(Math.max(...widths(tree))).toBeLessThanOrEqual(70);
});
