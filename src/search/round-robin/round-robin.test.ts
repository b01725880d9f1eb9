import { expect, it } from 'vitest';
import { ask, NoCandidates, NO_USAGE, plus } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { shown } from '../shared/judged.law.ts';
import { tournament } from '../tournament/tournament.ts';
import { law } from './round-robin.law.ts';
import { roundRobin } from './round-robin.ts';

testLaw(law);

it('forgives one wrong verdict, where a knockout does not', async () => {
  // The longest is best, but the judge takes "b" for better than it.
  const player = () =>
    scripted(({ prompt }, { index }) => {
      const [a, b] = shown(prompt);
      if (a === undefined || b === undefined) return ['aaaa', 'b', 'ccc', 'dd'][index] as string;
      const wrong = [a, b].includes('aaaa') && [a, b].includes('b');
      return `Better: ${a.length > b.length !== wrong ? 'A' : 'B'}`;
    });
  const { text, sample } = await ask(plus(player(), roundRobin({ n: 4 })), 'q');
  expect([text, sample.providerMetadata?.['plusx']]).toEqual(['aaaa', { candidates: 4, candidate: 0, points: 2 }]);
  expect((await ask(plus(player(), tournament({ n: 4 })), 'q')).text).toBe('ccc');
});

it('says so where no draw came back', async () => {
  const { stream: _, ...base } = scripted(() => 'x');
  const empty = { ...base, sample: async () => ({ samples: [], usage: NO_USAGE, warnings: [], exhausted: undefined }) };
  await expect(ask(plus(empty, roundRobin({ n: 3 })), 'q')).rejects.toThrow(NoCandidates);
});
