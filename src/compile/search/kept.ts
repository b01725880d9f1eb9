/**
 * Rounds that are over are events of the journal: a search that goes on takes them as they were, failures included, and is charged what
 * they took. Only the round that was under way is asked again, from the calls that the journal has of it.
 */
import { recorded, type Context, type Json, type Usage, type Warning } from '../../core/index.ts';
import { isSameWarning } from '../../core/accounts/ledger.ts';
import type { Item } from '../../tasks/task.ts';
import type { Arm } from './arms.ts';
import { charge, type Charged } from './charge.ts';
import type { Asked, Trial } from './trial.ts';

interface Event {
  readonly asked: readonly (readonly Asked[])[];
  readonly broken: readonly (readonly [arm: number, message: string])[];
  /** What the run was charged for it, on its ledger and on its budget. */
  readonly spending: Usage;
  readonly charged: Charged;
  readonly warnings: readonly Warning[];
}

/** A round, or what became of it before. Nothing where the budget cut it short: that is no event. */
export async function keptTrial(
  context: Context,
  stage: string,
  arms: readonly Arm[],
  items: readonly Item[],
  work: () => Promise<Trial | undefined>,
): Promise<Trial | undefined> {
  const identity = JSON.stringify(['compile', stage, arms.map(({ model }) => model.name), items.map(({ id }) => id)]);
  let fresh: Trial | undefined;
  try {
    const event = await recorded(context, identity, async () => {
      const before = {
        spending: context.ledger.spending,
        charged: { ...context.budget.spent },
        warned: context.ledger.warnings,
      };
      const found = await work();
      if (!found) throw new CutShort();
      fresh = found;
      return asJson({
        asked: found.asked,
        broken: [...found.broken].map(([arm, { message }]) => [arms.indexOf(arm), message] as const),
        spending: usageSince(before.spending, context.ledger.spending),
        charged: amountsSince(before.charged, context.budget.spent),
        warnings: context.ledger.warnings.filter((one) => !before.warned.some((other) => isSameWarning(one, other))),
      });
    });
    if (fresh) return fresh;
    return await taken(context, arms, event);
  } catch (error) {
    if (error instanceof CutShort) return undefined;
    throw error;
  }
}

class CutShort extends Error {}

/** JSON has no `undefined`, and leaves it out. */
const asJson = (event: Event): Json => JSON.parse(JSON.stringify(event)) as Json;

async function taken(context: Context, arms: readonly Arm[], json: Json): Promise<Trial> {
  const { asked, broken, spending, charged, warnings } = json as unknown as Event;
  context.ledger.add(known(spending), 'spent');
  for (const warning of warnings) context.ledger.warn(warning);
  await charge(context, charged, known(spending));
  return {
    asked: asked.map((of) =>
      of.map((one) => ({ ...one, grade: one.grade, reply: one.reply, usage: known(one.usage) })),
    ),
    broken: new Map(broken.map(([arm, message]) => [arms[arm] as Arm, new Error(message)])),
  };
}

/** A usage with the fields that JSON left out because they are unknown. */
const known = (usage: Usage): Usage => ({
  calls: usage.calls,
  replays: usage.replays,
  unreported: usage.unreported,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  reasoningTokens: usage.reasoningTokens,
  cachedInputTokens: usage.cachedInputTokens,
  cacheWriteInputTokens: usage.cacheWriteInputTokens,
  usd: usage.usd,
});

const less = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

/** What one usage has beyond an earlier one of the same account. */
export function usageSince(before: Usage, after: Usage): Usage {
  return {
    calls: after.calls - before.calls,
    replays: after.replays - before.replays,
    unreported: after.unreported - before.unreported,
    inputTokens: less(after.inputTokens, before.inputTokens),
    outputTokens: less(after.outputTokens, before.outputTokens),
    reasoningTokens: less(after.reasoningTokens, before.reasoningTokens),
    cachedInputTokens: less(after.cachedInputTokens, before.cachedInputTokens),
    cacheWriteInputTokens: less(after.cacheWriteInputTokens, before.cacheWriteInputTokens),
    usd: less(after.usd, before.usd),
  };
}

const amountsSince = (before: Charged, after: Charged): Charged => ({
  calls: after.calls - before.calls,
  tokens: after.tokens - before.tokens,
  usd: after.usd - before.usd,
});
