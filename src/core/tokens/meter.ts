/** What opened next-token processes take: their tokens, and the terms of the model below them. */
import type { Backend } from '../calls/bookkeeping.ts';
import type { Context } from '../context/context.ts';
import type { Price } from '../accounts/limits.ts';
import type { Model, Process, Request } from '../model.ts';
import { notePossible, possibleOf } from './possible.ts';

/** Counts the tokens of opened processes, at the price of their model. */
export interface Meter {
  opened(inputTokens: number | undefined, price: Price | undefined): void;
  pushed(price: Price | undefined): void;
}

/** A model whose next-token process is opened, and what it is asked. */
export interface Opened {
  readonly model: Model;
  readonly request: Request;
}

/** The bound and the price of a back end's calls. */
export type Terms = Pick<Backend, 'bound' | 'price'>;

const terms = new WeakMap<Model, Terms>();

/** Remembers what the calls of a back end may take, for whoever opens its model. */
export function noteTerms(model: Model, of: Terms): Model {
  terms.set(model, of);
  return model;
}

/** The terms of a model that is a back end's. */
export const termsOf = (model: Model): Terms | undefined => terms.get(model);

/** An opened process whose tokens are counted by the meter of the context it was opened in. */
export function metered(opened: Process, price: Price | undefined, { meter }: Context): Process {
  if (!meter) return opened;
  const wrap = (state: Process): Process => {
    const counting: Process = {
      vocabulary: state.vocabulary,
      end: state.end,
      inputTokens: state.inputTokens,
      next: () => state.next(),
      async push(token) {
        meter.pushed(price);
        return wrap(await state.push(token));
      },
    };
    return notePossible(counting, possibleOf(state));
  };
  meter.opened(opened.inputTokens, price);
  return wrap(opened);
}
