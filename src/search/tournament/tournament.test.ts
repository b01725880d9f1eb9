import { expect, it } from 'vitest';
import { ask, plus } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { shown } from '../shared/judged.law.ts';
import { law } from './tournament.law.ts';
import { tournament } from './tournament.ts';

testLaw(law);

/** Writes the drafts in turn; as a judge it prefers the longer of the two that it is shown. */
const player = (drafts: readonly string[]) =>
  scripted(({ prompt }, { index }) => {
    const [a, b] = shown(prompt);
    if (a === undefined || b === undefined) return drafts[index] as string;
    return `Better: ${a.length > b.length ? 'A' : b.length > a.length ? 'B' : 'TIE'}`;
  });

it('a knockout plays one round after another, and the odd one out goes on', async () => {
  const model = player(['aa', 'bbbb', 'c', 'dddd', 'eee']);
  await ask(plus(model, tournament({ n: 5 })), 'q');
  const matches = model.calls.filter(({ request }) => shown(request.prompt).length === 2);
  const rounds = matches.map(({ path }) => /round\/\d > match\/\d/.exec(path)?.[0]);
  expect([...new Set(rounds)]).toEqual([
    'round/1 > match/0',
    'round/1 > match/1',
    'round/2 > match/0',
    'round/3 > match/0',
  ]);
  expect(shown(matches.at(-1)?.request.prompt ?? [])).toContain('eee');
});
