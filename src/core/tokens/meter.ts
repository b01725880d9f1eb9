/** Counts what opened next-token processes take. */
import type { Price } from '../accounts/price.ts';
import { notePossible, possibleOf, type Process } from './next-token.ts';

/** Counts the tokens of opened processes, at the price of their model. */
export interface Meter {
  opened(inputTokens: number | undefined, price: Price | undefined): void;
  pushed(price: Price | undefined): void;
}

/** An opened process whose tokens are counted by the meter of the context it was opened in. */
export function metered(opened: Process, price: Price | undefined, meter: Meter | undefined): Process {
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
