import { expect, it } from 'vitest';
import { createLedger } from '../../core/accounts/ledger.ts';
import { lostElsewhere, takeWarnings, type DoneElsewhere } from '../../evaluate/elsewhere/elsewhere.ts';
import { inBranches } from './coordinating.ts';
import { inWords, readUnit } from './units.ts';

const nothing = { ...lostElsewhere(0), error: undefined };
const met = { ...nothing, met: { place: 'here', from: 0, to: 5, size: 2 } };

/** Answers what is asked by what it is called. */
const answering = (of: { readonly [unit: string]: DoneElsewhere | undefined }) => {
  const asked: string[] = [];
  const ask = async (text: string): Promise<readonly DoneElsewhere[]> => {
    const unit = readUnit(text);
    const name = `${inWords(unit)}, ${unit.share?.done.length} done`;
    asked.push(name);
    const found = of[name];
    return found ? unit.parts.map(() => found) : new Promise(() => undefined);
  };
  return { asked, ask };
};

it('an item is done up to its branches, by these, and from there', async () => {
  const { asked, ask } = answering({
    'item q1, 0 done': met,
    'branches 1 to 2 of item q1, 0 done': nothing,
    'branches 3 to 4 of item q1, 0 done': nothing,
    'branch 5 of item q1, 0 done': nothing,
    'item q1, 1 done': { ...nothing, value: 'it' },
  });
  expect(await inBranches({ item: 'q1', line: 0, parts: [0] }, ask)).toMatchObject([{ value: 'it' }]);
  expect(asked).toHaveLength(5);
});

it('what a branch was warned of, its item is', async () => {
  const warning = (message: string) => ({ code: 'c', message });
  const { ask } = answering({
    'item q1, 0 done': { ...met, warnings: [warning('before')] },
    'branches 1 to 2 of item q1, 0 done': { ...nothing, warnings: [warning('one')], withdrawn: [warning('other')] },
    'branches 3 to 4 of item q1, 0 done': nothing,
    'branch 5 of item q1, 0 done': { ...nothing, warnings: [warning('other')] },
    'item q1, 1 done': { ...nothing, warnings: [warning('end')] },
  });
  const [done] = await inBranches({ item: 'q1', line: 0, parts: [0] }, ask);
  const ledger = createLedger();
  takeWarnings(done ?? nothing, ledger);
  expect(ledger.warnings.map(({ message }) => message)).toEqual(['before', 'end', 'one']);
});

it('a branch that ended its workers is the end of its item, without those that are still being done', async () => {
  const error = lostElsewhere(3, 'branches 3 to 4 of item q1');
  const { asked, ask } = answering({ 'item q1, 0 done': met, 'branches 3 to 4 of item q1, 0 done': error });
  const parts = await inBranches({ item: 'q1', line: 0, parts: [0, 1] }, ask);
  expect(parts.map((part) => part.error?.message)).toEqual(
    Array.from({ length: 2 }, () =>
      expect.stringMatching(
        /^branches 3 to 4 of item q1 ended each of the 3 workers that did it\. Leave out --workers/,
      ),
    ),
  );
  expect(asked).not.toContain('item q1, 1 done');
});
