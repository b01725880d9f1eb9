/** Laws of search. */
import type { LawSet } from './form.ts';
import { chains } from './search-chains.ts';
import { code } from './search-code.ts';
import { confidence } from './search-confidence.ts';
import { judged } from './search-judged.ts';
import { models } from './search-models.ts';
import { votes } from './search-votes.ts';

const SETS: readonly LawSet[] = [votes, confidence, chains, judged, code, models];

export const search: LawSet = {
  subjects: Object.assign({}, ...SETS.map(({ subjects }) => subjects)),
  exact: SETS.flatMap(({ exact }) => exact),
  mutants: SETS.flatMap(({ mutants = [] }) => mutants),
};
