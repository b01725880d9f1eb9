/** The space of who marks no choices, after a look at what can help: a small part of the budget, on items that nothing is measured on. */
import { InvalidOption, memoryJournal, totalTokens, type Limits, type Model } from '../../core/index.ts';
import { diagnose, planDiagnosis } from '../../diagnose/diagnose.ts';
import type { Task } from '../../tasks/task.ts';
import type { CompileOptions } from '../options.ts';
import type { Stage } from '../report.ts';
import { splitOf } from '../search/prepare.ts';
import { autoSpace, type AutoSpace } from './auto.ts';

/** What a diagnosis may take of each limit. */
const PART = 0.15;
/** Calls beyond which it learns little. */
const MOST_CALLS = 300;

export interface DiagnosedSpace extends AutoSpace {
  /** What is left of the budget for the search. What the diagnosis may have taken is set aside, whether it took it or not. */
  readonly budget: Limits;
  /** Nothing where the budget affords none. */
  readonly stage: Stage | undefined;
}

type Options = Pick<
  CompileOptions,
  'budget' | 'perQuestion' | 'seed' | 'journal' | 'signal' | 'clock' | 'host' | 'concurrency'
>;

/**
 * Examines training items of the split that `compile` makes with the same seed, within 15% of the budget, and leaves out of the space what
 * gained nothing there. With the journal of the search its samples are draws that the search need not make again. Where 15% affords too
 * few items, the model and the task alone decide.
 */
export async function diagnosedSpace(model: Model, task: Task, options: Options): Promise<DiagnosedSpace> {
  const { budget, perQuestion, seed = 0, host } = options;
  const known = { perQuestion, task, model, ...(host && { host }) };
  const without: DiagnosedSpace = { ...autoSpace(known), budget, stage: undefined };
  const items = splitOf(task, true, seed).train;
  const given: Limits = {
    ...budget,
    ...scaled(budget, PART),
    calls: Math.min(MOST_CALLS, Math.floor(PART * (budget.calls ?? 0))),
  };
  if (budget.calls === undefined) return without;
  const part = { ...task, items };
  const calls = await affordedCalls(model, part, given, host);
  if (calls === undefined) return without;
  const diagnosis = await diagnose(model, part, {
    seed,
    journal: options.journal ?? memoryJournal(),
    signal: options.signal,
    clock: options.clock,
    host,
    concurrency: options.concurrency,
    budget: given,
  });
  const { usage } = diagnosis;
  return {
    ...autoSpace({ ...known, diagnosis }),
    budget: { ...budget, ...scaled(budget, 1 - PART), calls: budget.calls - calls },
    stage: {
      name: 'diagnosis',
      items: diagnosis.items,
      arms: 1,
      calls: usage.calls,
      tokens: totalTokens(usage),
      usd: usage.usd,
    },
  };
}

/** The limits besides calls, each so many times as large. */
const scaled = ({ tokens, usd, ms }: Limits, by: number): Limits => ({
  ...(tokens !== undefined && { tokens: Math.floor(by * tokens) }),
  ...(usd !== undefined && { usd: by * usd }),
  ...(ms !== undefined && { ms: Math.floor(by * ms) }),
});

async function affordedCalls(
  model: Model,
  task: Task,
  budget: Limits,
  host: Options['host'],
): Promise<number | undefined> {
  if (task.items.length === 0) return undefined;
  try {
    return (await planDiagnosis(model, task, { budget, host })).calls;
  } catch (error) {
    if (error instanceof InvalidOption) return undefined;
    throw error;
  }
}
