import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Warning } from '../sample.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { addUsage, NO_USAGE, totalTokens, UNREPORTED_CALL, type Usage } from './usage.ts';

const amount = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined });
const usage: fc.Arbitrary<Usage> = fc.record({
  calls: fc.nat(9),
  replays: fc.nat(9),
  unreported: fc.nat(9),
  inputTokens: amount,
  outputTokens: amount,
  reasoningTokens: amount,
  cachedInputTokens: amount,
  usd: amount,
});

it('usage is a sum with a zero, and what is unknown stays unknown', () => {
  fc.assert(
    fc.property(usage, usage, usage, (a, b, c) => {
      expect(addUsage(a, NO_USAGE)).toEqual(a);
      expect(addUsage(a, b)).toEqual(addUsage(b, a));
      expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)));
      for (const field of Object.keys(a) as (keyof Usage)[]) {
        const known = a[field] !== undefined && b[field] !== undefined;
        expect(addUsage(a, b)[field]).toBe(known ? (a[field] as number) + (b[field] as number) : undefined);
      }
    }),
  );
  expect(totalTokens({ inputTokens: 1, outputTokens: undefined })).toBeUndefined();
  expect(totalTokens({ inputTokens: 1, outputTokens: 2 })).toBe(3);
});

it('a call that was cut off counts, and hides no tokens that are known', () => {
  const sum = addUsage(UNREPORTED_CALL, { ...NO_USAGE, calls: 1, inputTokens: 7 });
  expect(sum).toMatchObject({ calls: 2, unreported: 1, inputTokens: 7 });
});

it('every part of a tree of ledgers holds the sum below it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), usage), { maxLength: 20 }), (entries) => {
      const root = createLedger();
      const [left, right] = [createLedger(root), createLedger(root)];
      const leaves = [root, left, right, createLedger(left), createLedger(left), createLedger(right)];
      for (const [i, more] of entries) leaves[i]?.add(more);
      const sum = (...places: number[]): Usage =>
        entries.filter(([i]) => places.includes(i)).reduce((total, [, more]) => addUsage(total, more), NO_USAGE);
      expect(root.usage).toEqual(sum(0, 1, 2, 3, 4, 5));
      expect(left.usage).toEqual(sum(1, 3, 4));
      expect(right.usage).toEqual(sum(2, 5));
    }),
  );
});

it('warnings are kept once each, and the first limit is the one that counts, all the way up', () => {
  const root = createLedger();
  const leaf = createLedger(createLedger(root));
  for (const message of ['x', 'y', 'x']) leaf.warn({ code: 'a', message });
  leaf.exhaust('tokens');
  leaf.exhaust('calls');
  expect(root.warnings.map(({ message }) => message)).toEqual(['x', 'y']);
  expect([root.exhausted, leaf.exhausted]).toEqual(['tokens', 'tokens']);
});

it('what a run warns of hangs on no order, all the way up, and is short however much there is', () => {
  const warning = fc.record({
    code: fc.constantFrom('a', 'b', 'c'),
    message: fc.integer({ min: 0, max: 30 }).map((i) => `${i}`),
  });
  const told = fc
    .array(warning, { maxLength: 60 })
    .chain((one) => fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length })));
  fc.assert(
    fc.property(told, fc.nat(3), ([one, other], parts) => {
      const warned = (all: readonly Warning[], children: number): readonly Warning[] => {
        const root = createLedger();
        const leaves = [root, ...Array.from({ length: children }, () => createLedger(root))];
        for (const [i, each] of all.entries()) leaves[i % leaves.length]?.warn(each);
        return root.warnings;
      };
      const warnings = warned(one, 0);
      expect(warned(other, parts)).toEqual(warnings);
      for (const code of ['a', 'b', 'c']) {
        const [distinct, kept] = [one, warnings].map(
          (all) => new Set(all.filter((each) => each.code === code).map(({ message }) => message)).size,
        ) as [number, number];
        expect(kept).toBe(Math.min(distinct, 9));
      }
      // What another process kept is put on the account here.
      const taken = createLedger();
      for (const each of [...warnings, ...warned(other, parts)]) taken.warn(each);
      expect(taken.warnings).toEqual(warnings);
    }),
  );
});

it('a warning that is taken back is not given again, whichever comes first, all the way up', () => {
  const [x, y] = ['x', 'y'].map((message) => ({ code: 'a', message })) as [Warning, Warning];
  const steps: ((ledger: Ledger) => void)[] = [(one) => one.warn(x), (one) => one.warn(y), (one) => one.withdraw(x)];
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [0, 2, 1, 0],
    [1, 2, 2, 0],
  ]) {
    const root = createLedger();
    const leaves = [createLedger(root), createLedger(createLedger(root))];
    // Each part of the tree does the next step.
    for (const [i, step] of order.entries()) steps[step]?.(leaves[i % 2] as Ledger);
    expect(root.warnings).toEqual([y]);
    expect(root.withdrawn).toEqual([x]);
  }
});

it('nothing but amounts enters a ledger', () => {
  const ledger = createLedger(createLedger());
  for (const wrong of [{ calls: -1e9 }, { inputTokens: -1 }, { usd: Number.NaN }, { outputTokens: Infinity }])
    expect(() => ledger.add({ ...NO_USAGE, ...wrong })).toThrow(/usage: \w+ must be a finite number of at least 0/);
  expect(ledger.usage).toEqual(NO_USAGE);
});
