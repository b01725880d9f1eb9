/** Laws of search. */
import type { LawSet } from './form.ts';
import { chains } from './search-chains.ts';
import { judged } from './search-judged.ts';
import { votes } from './search-votes.ts';

const SETS: readonly LawSet[] = [votes, chains, judged];

export const search: LawSet = {
  subjects: Object.assign({}, ...SETS.map(({ subjects }) => subjects)),
  exact: SETS.flatMap(({ exact }) => exact),
  mutants: SETS.flatMap(({ mutants = [] }) => mutants),
};
