/** How the work on a question is divided among workers, said before it begins. */
import type { Model, Request } from '../../core/index.ts';
import { CALLS_A_UNIT, mayDivide } from '../../evaluate/elsewhere/division.ts';

export const howDivided = (model: Model, request: Request): string =>
  mayDivide(model, request)
    ? `Workers do branches of the search side by side, of ${CALLS_A_UNIT} calls or more each.`
    : 'One worker does all of a question: it has no branches of enough calls.';
