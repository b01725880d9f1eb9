/** The law of self-refine: Σ over y_0, f_0 … y_t, f_t of P(y_0 | x) Π_i P(f_i | x, y_i) P(y_i+1 | x, y_0, f_0 … y_i, f_i). */
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { normal } from '../../testing/laws/closed-form.ts';
import { DRAFT, FAULTS, refined, refiner } from '../../testing/laws/refiner.ts';
import { upTo, weights, weightsAfter } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { selfRefine } from './self-refine.ts';

const WRITER = {
  rounds: upTo(3, selfRefine.definition.options.rounds),
  drafts: weights(DRAFT, 'what is written at first'),
  faults: weightsAfter(FAULTS, 'what is found wrong with each draft'),
};

export const law: TechniqueLaw = {
  technique: 'selfRefine',
  subjects: {
    selfRefine: selfRefine({ rounds: 2 }),
    'selfRefine with a critic': (base) => selfRefine({ rounds: 2, critic: reRead()(base), stop: 'never' })(base),
  },
  exact: [
    ...varied(
      WRITER,
      ({ rounds, drafts, faults }) =>
        holds(
          `rounds=${rounds}: ended by the verdict`,
          plus(
            refiner(() => drafts, faults),
            selfRefine({ rounds }),
          ),
          () => refined(normal(drafts), rounds, true, faults),
        ),
      [1, 2, 3].map((rounds) => ({ rounds })),
    ),
    ...varied(
      WRITER,
      ({ rounds, drafts, faults }) =>
        holds(
          `rounds=${rounds}, stop=never: no verdict ends it`,
          plus(
            refiner(() => drafts, faults),
            selfRefine({ rounds, stop: 'never' }),
          ),
          () => refined(normal(drafts), rounds, false, faults),
        ),
      [2, 3].map((rounds) => ({ rounds })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the draft is returned',
    file: 'iterate/self-refine/self-refine.ts',
    from: '      current = revision;\n',
    to: '',
  },
  {
    bug: 'a verdict does not end it',
    file: 'iterate/self-refine/self-refine.ts',
    from: "if (stop === 'verdict' && saysNothingToFix(asking.read(critique))) break;",
    to: '',
  },
  {
    bug: 'a revision forgets the earlier drafts',
    file: 'iterate/self-refine/self-refine.ts',
    from: '[...conversation.prompt, assistant(draft)]',
    to: '[...request.prompt, assistant(draft)]',
  },
  {
    bug: 'a critique is given with the earlier drafts in view',
    file: 'iterate/self-refine/self-refine.ts',
    from: '[...request.prompt, assistant(draft)]',
    to: '[...conversation.prompt, assistant(draft)]',
  },
];
