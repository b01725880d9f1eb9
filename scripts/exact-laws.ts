/** The closed forms that still stand in `scripts/laws`; those of a technique stand beside it. */
import type { ExactLaw, LawSet } from './laws/form.ts';
import * as rooms from './laws/index.ts';

export const EXACT_LAWS: readonly ExactLaw[] = Object.values(rooms as { readonly [room: string]: LawSet }).flatMap(
  ({ exact }) => exact,
);
