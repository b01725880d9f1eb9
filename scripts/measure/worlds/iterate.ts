/** Written models for the techniques that think again. */
import { questionOf, textOf, type Model } from '../../../src/core/index.ts';
import { selfRefine } from '../../../src/iterate/index.ts';
import { CRITIQUE, REVISE } from '../../../src/iterate/self-refine.ts';
import { enumerable, type Distribution } from '../../../src/models/enumerable.ts';
import type { World } from './form.ts';

/** Right six times of ten; a revision mends a wrong draft or breaks a right one with the given probabilities. */
function reviser(mends: number, breaks: number): Model {
  return enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === CRITIQUE()) return { 'Look at it again.': 1 };
      if (asked !== REVISE({ critique: 'Look at it again.' })) return { right: 6, wrong: 4 };
      const draft = textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? '');
      return draft === 'right' ? { right: 1 - breaks, wrong: breaks } : { right: mends, wrong: 1 - mends };
    },
  });
}
const refined = (mends: number, breaks: number, says: string): World => {
  const base = reviser(mends, breaks);
  return { technique: 'selfRefine(rounds=1)', says, base, model: selfRefine({ rounds: 1 })(base) };
};

export const iterate: readonly World[] = [
  refined(0.5, 0.05, 'right 60 %; a revision mends 50 % of wrong drafts and breaks 5 % of right ones'),
  refined(0.2, 0.2, 'right 60 %; a revision mends 20 % of wrong drafts and breaks 20 % of right ones'),
];
