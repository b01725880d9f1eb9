/**
 * Every seeded bug: those of the core, on which each technique stands, and those that stand beside each technique's law.
 */
import { basename } from 'node:path';
import { lawFiles, lawsIn } from '../../../../scripts/law-files.ts';
import type { Bug } from '../technique-law.ts';

/** Bugs of the core: what every technique stands on. */
const CORE: readonly Bug[] = [
  {
    bug: 'results in the order of completion',
    file: 'core/context/gather.ts',
    from: 'outcomes[index] = [await task(isWhole ? { ...own, division: undefined } : own)];',
    to: 'const done = await task(own); outcomes[outcomes.length] = [done];',
  },
  {
    bug: 'losers are not cancelled',
    file: 'core/context/gather.ts',
    from: '    cancel(reason);\n',
    to: '',
  },
  {
    bug: 'what a budget took away goes unsaid',
    file: 'core/context/gather.ts',
    from: 'if (error instanceof BudgetExceeded) ledger.exhaust(error.limit);',
    to: 'if (error instanceof BudgetExceeded) return;',
  },
  {
    bug: 'calls that are not needed are made before the journal has answered',
    file: 'core/context/gather.ts',
    from: 'until && context.journal ?',
    to: 'until && context.journal && tasks.length < 0 ?',
  },
  {
    bug: 'the best so far although the caller wants none',
    file: 'core/context/gather.ts',
    from: "return context.atLimit === 'best';",
    to: 'return true;',
  },
  {
    bug: 'a tied vote goes to the last seen',
    file: 'core/reading/vote.ts',
    from: 'a.weight > b.weight * (1 + 1e-12)',
    to: 'a.weight >= b.weight',
  },
  {
    bug: 'abstaining wins a vote',
    file: 'core/reading/vote.ts',
    from: '.filter((one) => one.answer !== null)',
    to: '.filter(() => true)',
  },
  {
    bug: 'usage is not summed',
    file: 'core/technique/technique.ts',
    from: 'addUsage(sum, ledger.usage)',
    to: '(void sum, ledger.usage)',
  },
  {
    bug: 'a replay counts as paid for',
    file: 'core/calls/from-backend.ts',
    from: 'replays: usage.calls',
    to: 'replays: 0',
  },
  {
    bug: 'journal key without the draw',
    file: 'core/calls/from-backend.ts',
    from: '\\n${context.choice.id}`',
    to: '`',
  },
  {
    bug: 'calls start after the abort',
    file: 'core/calls/account.ts',
    from: 'if (!signal.aborted) return reservation;',
    to: 'if (!signal.aborted || reservation) return reservation;',
  },
  {
    bug: 'a budget does not count what is in flight',
    file: 'core/accounts/budget.ts',
    from: 'reserved[name] += held[name]',
    to: 'reserved[name] += 0 * held[name]',
  },
  {
    bug: 'a budget settles for nothing',
    file: 'core/accounts/budget.ts',
    from: 'spent[name] += charged[name];',
    to: "if (name !== 'calls') spent[name] += charged[name];",
  },
  {
    bug: 'a budget forgets the input tokens',
    file: 'core/accounts/budget.ts',
    from: 'tokens: inputTokens + outputTokens,',
    to: 'tokens: outputTokens,',
  },
  {
    bug: 'the seed ignores the path',
    file: 'core/context/choice.ts',
    from: 'fork: (name) => keyed(threefry(key, hash(name))),',
    to: 'fork: (name) => keyed(name ? key : threefry(key, hash(name))),',
  },
  {
    bug: 'a stream that is left goes on',
    file: 'core/technique/stream.ts',
    from: 'if (!state.finished) cancel(',
    to: 'if (state.finished) cancel(',
  },
];

/** A bug, and the technique whose law must find it; no technique is one of the core, which any law may find. */
export interface SeededBug extends Bug {
  readonly technique: string | undefined;
}

export async function seededBugs(): Promise<readonly SeededBug[]> {
  const beside = lawFiles().map(async (file) =>
    (await lawsIn(file)).bugs.map((bug) => ({ ...bug, technique: basename(file, '.law.ts') })),
  );
  return [...CORE.map((bug) => ({ ...bug, technique: undefined })), ...(await Promise.all(beside)).flat()];
}
