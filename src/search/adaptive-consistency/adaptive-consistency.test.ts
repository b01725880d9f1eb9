import { expect, it } from 'vitest';
import { ask, plus } from '../../core/index.ts';
import { enumerable, type Distribution } from '../../models/written/index.ts';
import { probe } from '../../testing/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './adaptive-consistency.law.ts';
import { adaptiveConsistency } from './adaptive-consistency.ts';

testLaw(law);

const of = (answers: Distribution) => enumerable({ answers: { '*': answers } });

// One more unanimous vote for each of the published certainties .75 .875 .9375 .96875.
it.each([
  [0.75, 1],
  [0.76, 2],
  [0.875, 2],
  [0.9375, 3],
  [0.95, 4],
  [0.96875, 4],
  [0.97, 5],
])('at threshold %f unanimous votes end after %i', async (threshold, votes) => {
  const { usage, sample } = await ask(plus(of({ a: 1 }), adaptiveConsistency({ threshold })), 'q');
  expect(usage.calls).toBe(votes);
  expect(sample.providerMetadata?.['plusx']).toMatchObject({ samples: votes, votes: { a: votes }, share: 1 });
});

it('makes no call for nothing, on a server as well', async () => {
  for (let order = 0; order < 8; order++) {
    const base = probe({ answers: () => ({ a: 3, b: 1 }), timing: 'scrambled', order });
    const { usage, sample } = await ask(plus(base.model, adaptiveConsistency()), 'q', { seed: order });
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ samples: usage.calls });
    expect([usage.unreported, base.seen.aborted]).toEqual([0, 0]);
  }
});

it('stops at four where all agree, whoever answers first, and cancels what was begun ahead', async () => {
  for (let order = 0; order < 4; order++) {
    const base = probe({ answers: () => ({ a: 1 }), timing: 'scrambled', order });
    const { usage, sample } = await ask(plus(base.model, adaptiveConsistency({ ahead: 36 })), 'q');
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ samples: 4 });
    expect([usage.calls, usage.unreported]).toEqual([40, base.seen.aborted]);
  }
});

it('gives the same answer however far ahead draws are begun', async () => {
  const base = of({ a: 4, b: 3, c: 2 });
  for (let seed = 0; seed < 20; seed++) {
    const facts = [0, 1, 5, 40].map(async (ahead) => {
      const { text, sample } = await ask(plus(base, adaptiveConsistency({ ahead })), 'q', { seed });
      return [text, sample.providerMetadata?.['plusx']];
    });
    const [first, ...others] = await Promise.all(facts);
    for (const other of others) expect(other).toEqual(first);
  }
});

it('takes the published number of votes on average where the majority has a share of .8', async () => {
  const runs = 400;
  let votes = 0;
  for (let seed = 0; seed < runs; seed++)
    votes += (await ask(plus(of({ a: 0.8, b: 0.1, c: 0.1 }), adaptiveConsistency()), 'q', { seed })).usage.calls;
  // 7.55 of 40; the number of votes of one question spreads by about 5.
  expect(Math.abs(votes / runs - 7.55)).toBeLessThan((4 * 5) / Math.sqrt(runs));
});

it('says that it is not certain where a budget ends it', async () => {
  const model = plus(of({ a: 1, b: 1 }), adaptiveConsistency({ threshold: 1 }));
  const { exhausted, sample } = await ask(model, 'q', { budget: { calls: 6 } });
  expect([exhausted, sample.providerMetadata?.['plusx']?.['samples']]).toEqual(['calls', 6]);
});

it('refuses a threshold that any vote meets', () => {
  expect(() => adaptiveConsistency({ threshold: 0.4 })).toThrow(/threshold must be a number from 0.5 to 1/);
});
