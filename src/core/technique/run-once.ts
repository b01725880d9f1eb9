/** One candidate of a technique: its own account, span and statement of what it is. */
import { scope, fork, type Context } from '../context/context.ts';
import { BudgetExceeded, type LimitName } from '../errors.ts';
import { textOf } from '../message.ts';
import { annotate, weaker, type Model, type Request, type Sample, type Semantics } from '../model.ts';

/**
 * Draws the one answer that is handed on as the technique's own, and streams it where somebody reads along. A technique
 * that ends with a plain draw makes that draw with it.
 */
export type Last = (model: Model, request: Request, context: Context) => Promise<Sample>;

export type Run = (request: Request, context: Context, last: Last) => Promise<Sample>;

/** What one candidate left: its account, and the limit that kept it from being there. */
export interface Drawn {
  readonly ledger: Context['ledger'];
  readonly limit: LimitName | undefined;
}

interface Of {
  readonly name: string;
  readonly semantics: Semantics;
  readonly run: Run;
  readonly last: Last;
}

export async function runOnce(
  { name, semantics, run, last }: Of,
  request: Request,
  at: Context,
  drawn: Drawn[],
): Promise<Sample> {
  const { context, close } = scope(fork(at, name), { name });
  try {
    const sample = await run(request, context, last);
    const exhausted = context.ledger.exhausted;
    drawn.push({ ledger: context.ledger, limit: exhausted });
    close('ok', textOf(sample.content));
    const stated: Sample = {
      ...sample,
      usage: context.ledger.usage,
      semantics: { ...semantics, kind: weaker(semantics.kind, sample.semantics.kind) },
    };
    return exhausted ? annotate(stated, { exhausted }) : stated;
  } catch (error) {
    drawn.push({ ledger: context.ledger, limit: error instanceof BudgetExceeded ? error.limit : undefined });
    close(context.signal.aborted ? 'cancelled' : 'error', String(error));
    throw error;
  }
}
