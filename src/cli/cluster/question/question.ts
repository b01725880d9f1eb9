/**
 * One question that workers do: `plusx ask --workers`. They do its branches, and what comes of them is in the journal, from which the
 * question is then answered here as if it had been asked by one process.
 */
import { randomUUID } from 'node:crypto';
import { budgetOf, forgetResults, sharedBudget } from '../../../cluster/index.ts';
import { rootScope, type Context, type ContextOptions, type Model } from '../../../core/index.ts';
import { journalOf, takeIn, takeWarnings } from '../../../evaluate/elsewhere/elsewhere.ts';
import { openHost } from '../../compose/host.ts';
import type { RunOptions } from '../../compose/options.ts';
import type { QuestionOptions } from '../../compose/request.ts';
import { isInterrupted, waitsOn } from '../../run.ts';
import { openStoreAt } from '../../store/open.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { coordinating, inBranches, nameOf } from '../coordinating.ts';
import { addressForWorkers, type WorkersOptions } from '../options.ts';
import { QUESTION, questionSpecOf } from './spec.ts';

type Options = RunOptions &
  QuestionOptions &
  WorkersOptions &
  Pick<ContextOptions, 'trace'> & { readonly respond?: Terminal['respond'] };

/** Has the question done, and then runs `work` in a context whose journal has all of its draws. */
export async function byWorkers<T>(
  { question, model }: { readonly question: string; readonly model: Model },
  options: Options,
  terminal: Terminal,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { seed, priority, quiet, trace, budget: { ms, ...limits } = {} } = options;
  const address = addressForWorkers(options);
  const spec = questionSpecOf(question, model, options);
  const run = nameOf(spec);
  await using stack = new AsyncDisposableStack();
  const store = stack.adopt(await openStoreAt(address), (one) => one.close());
  const { ask, failed, finished, opened, database } = stack.adopt(
    await coordinating(address, { run, spec, units: 1, priority, ends: 'cancelled' }, terminal, quiet),
    (one) => one.close(),
  );
  const { serial } = await opened;
  if (!quiet)
    terminal.err.write(`${terminal.err.paint('dim', `Workers know it as ${run}: plusx runs watch ${run}`)}\n`);
  const { host } = stack.adopt(await openHost({}, options.respond), (one) => one.close());
  const { context } = stack.adopt(
    rootScope({
      host,
      seed,
      budget: { ms },
      journal: journalOf(store.journal, `${serial} ${run}`, true),
      signal: AbortSignal.any([terminal.signal, failed]),
      trace,
      onProgress: waitsOn(terminal, quiet),
    }),
    (one) => one.close(),
  );
  const [done] = await inBranches(QUESTION, ask, context.signal);
  if (done?.error && !done.error.budget) {
    await forgetResults(database, run); // the same command tries again, with what is in the journal
    takeIn(done, context);
  }
  if (done) takeWarnings(done, context.ledger);
  // Where the budget ended it, what is left of it is asked for here once more, and refused again.
  const budget = stack.adopt(
    await sharedBudget(database, { name: budgetOf(run, 0), holder: randomUUID(), limits }),
    (one) => one.close(),
  );
  const result = await work({ ...context, budget });
  if (!isInterrupted(terminal)) await finished();
  return result;
}
