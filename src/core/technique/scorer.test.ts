import { expect, it } from 'vitest';
import { createLedger } from '../accounts/ledger.ts';
import { rootScope } from '../context/context.ts';
import type { Request, Sample } from '../sample.ts';
import { applyScorer, scorer } from './scorer.ts';

const request: Request = { prompt: [] };
const sample: Sample = {
  weight: 1,
  content: [],
  finish: { unified: 'stop', raw: 'stop' },
  semantics: { kind: 'exact', target: 'P', why: 'a test' },
};

/** What a scorer of a person's own returns, the number it counts as, and whether a word is said. */
const RETURNS: readonly (readonly [value: unknown, counts: number, warns: boolean])[] = [
  [0.5, 0.5, false],
  [true, 1, false],
  [false, 0, false],
  [Number.NaN, Number.NaN, false],
  [undefined, Number.NaN, true],
  [null, Number.NaN, true],
  ['good', Number.NaN, true],
  [{ score: 1 }, Number.NaN, true],
  [[0.5], Number.NaN, true],
];
it.each(RETURNS)('a scorer that returns %s counts %s', async (value, counts, warns) => {
  for (const given of [value, Promise.resolve(value)]) {
    const ledger = createLedger();
    const mine = scorer('mine', () => given as number);
    expect(await applyScorer(mine, sample, request, { ...rootScope().context, ledger })).toBe(counts);
    expect(ledger.warnings.map(({ code }) => code)).toEqual(warns ? ['no-number'] : []);
  }
});
