/** The law of decomposed prompting: Σ over q, a of D(q | x) Π_i H_i(a_i | x, q_i, the answers q_i refers to) H_m(y | x, q, a). */
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import type { P } from '../../testing/laws/closed-form.ts';
import { type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { addWhole, answering, answersTo, solver, takesApart } from '../shared/solver.law.ts';
import { decomposedPrompting } from './decomposed-prompting.ts';

const SPREAD = { '1. p?\n2. r?\n3. q #1?\n4. end': 1 };
/** The second part stands alone; the third sees the answer it refers to and no other. */
function byReference(said: Tables): P {
  const out = new Map<string, number>();
  for (const [a, pa] of answersTo('p?', said))
    for (const [e, pe] of answersTo('r?', said))
      for (const [c, pc] of answersTo(`q ${a}? ${a}`, said)) addWhole(out, `${a} ${e} ${c}`, pa * pe * pc);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'decomposedPrompting',
  subjects: {
    decomposedPrompting: { transform: decomposedPrompting(), answers: takesApart, preparation: 4 },
    'decomposedPrompting with a handler': {
      transform: (base) => decomposedPrompting({ handlers: [reRead()(base)], tags: 'reader' })(base),
      answers: takesApart,
      preparation: 4,
    },
  },
  exact: varied({ answers: answering('p', 'q', 'r') }, ({ answers }) =>
    holds('a part sees the answers that it refers to', plus(solver(SPREAD, answers), decomposedPrompting()), () =>
      byReference(answers),
    ),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a part is asked before the answer it refers to',
    file: 'decompose/decomposed-prompting/decomposed-prompting.ts',
    from: 'for (const at of referencesOf(asIs, i))',
    to: 'for (const at of referencesOf(asIs, 0))',
  },
];
