import { describe, expect, it } from 'vitest';
import { ask, memoryJournal, plus } from '../core/index.ts';
import { enumerable } from '../models/enumerable.ts';
import { selfConsistency } from './self-consistency.ts';
import { betaMajority } from './vote.ts';

const coin = enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } });

describe('selfConsistency', () => {
  it('names itself', () => {
    expect(plus(coin, selfConsistency()).name).toBe('enumerable + selfConsistency');
  });
  it('reports its votes', async () => {
    const { sample, usage } = await ask(plus(coin, selfConsistency({ n: 9 })), 'q', { seed: 3 });
    const facts = sample.providerMetadata?.plusx as { votes: Record<string, number>; samples: number };
    expect(Object.values(facts.votes).reduce((a, b) => a + b, 0)).toBe(9);
    expect(facts.samples).toBe(9);
    expect(usage.calls).toBe(9);
  });
  it('stops adaptively and by window', async () => {
    const sure = enumerable({ answers: { '*': { a: 1 } } });
    expect((await ask(plus(sure, selfConsistency({ n: 40, stop: 'adaptive' })), 'q')).usage.calls).toBe(4);
    expect((await ask(plus(sure, selfConsistency({ n: 40, stop: 'window' })), 'q')).usage.calls).toBe(5);
  });
  it('draws the same candidates whatever the stop rule', async () => {
    const journal = memoryJournal();
    for (const stop of ['fixed', 'adaptive', 'window'] as const)
      await ask(plus(coin, selfConsistency({ n: 12, stop, window: 4 })), 'q', { journal });
    expect(journal.size).toBe(12);
  });
});

describe('the Beta rule', () => {
  it('has the published values', () => {
    expect([1, 2, 3, 4].map((v) => betaMajority(v, 0))).toEqual([0.75, 0.875, 0.9375, 0.96875]);
  });
});
