/** What to do when some of the work cannot be done: keep what is there, say so, and give up only with empty hands. */
import { scope, type Context } from './context.ts';
import { BudgetExceeded, PlusxError } from './errors.ts';

/**
 * Runs the tasks side by side and returns their results in order, without those a budget or an upstream failure took
 * away. With no result left, or an error that is nobody's bad luck (a bug, a wrong option), it stops the others and throws.
 */
export async function gather<T>(
  context: Context,
  tasks: ReadonlyArray<(context: Context) => Promise<T>>,
): Promise<T[]> {
  const [only] = tasks;
  if (only && tasks.length === 1) return [await only(context)];
  const { context: inner, cancel, close } = scope(context);
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  try {
    const results = await Promise.all(
      tasks.map(async (task, index): Promise<readonly [T] | undefined> => {
        try {
          return [await task(inner)];
        } catch (error) {
          // What fails after the cancelling failed because of it.
          if (!inner.signal.aborted || context.signal.aborted || error instanceof BudgetExceeded)
            failures.push({ index, error });
          if (!mayLose(context, error)) cancel(error);
          return undefined;
        }
      }),
    );
    failures.sort((a, b) => a.index - b.index);
    const fatal =
      failures.find(({ error }) => !mayLose(context, error)) ??
      (results.every((r) => r === undefined) ? failures[0] : undefined);
    if (fatal) throw fatal.error;
    for (const { error } of failures) noteLoss(context, error);
    return results.flatMap((result) => result ?? []);
  } finally {
    close();
  }
}

/** Awaits work that an answer can do without: `undefined` when a budget does not allow it (and the caller prefers best so far). */
export async function attempt<T>(context: Context, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof BudgetExceeded) || context.atLimit === 'throw') throw error;
    context.ledger.exhaust(error.limit);
    return undefined;
  }
}

function mayLose(context: Context, error: unknown): boolean {
  if (error instanceof BudgetExceeded) return context.atLimit === 'best';
  return error instanceof PlusxError && error.kind === 'failure';
}

function noteLoss(context: Context, error: unknown): void {
  if (error instanceof BudgetExceeded) context.ledger.exhaust(error.limit);
  else
    context.ledger.warn({
      code: 'candidate-lost',
      message: `A candidate failed and is left out: ${String(error instanceof Error ? error.message : error)}`,
    });
}
