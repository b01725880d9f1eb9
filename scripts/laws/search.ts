/** Laws of search. */
import type { LawSet } from './form.ts';
import { votes } from './search-votes.ts';

const SETS: readonly LawSet[] = [votes];

export const search: LawSet = {
  subjects: Object.assign({}, ...SETS.map(({ subjects }) => subjects)),
  exact: SETS.flatMap(({ exact }) => exact),
  mutants: SETS.flatMap(({ mutants = [] }) => mutants),
};
