/** The law of translating: Σ over t, y of T(t | x) P(y | t) T(z | x, y). */
import { plus, questionOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { reRead } from '../re-read/re-read.ts';
import { BACK, BOTH, THERE, translate } from './translate.ts';

// Two translations, and one that is none, with answers of their own, and what becomes of those on the way back.
const TRANSLATIONS: Distribution = { frage: 3, rätsel: 1, '': 1 };
const ANSWERS: { readonly [translated: string]: Distribution } = {
  frage: { ja: 4, nein: 1 },
  rätsel: { nein: 1, '': 1 },
  question: { yes: 1, no: 2 },
};
const RETURNED: { readonly [answer: string]: Distribution } = { ja: { yes: 9, sure: 1 }, nein: { no: 1, nope: 1 } };
const translator = enumerable({
  name: 'translator',
  answers(prompt) {
    const asked = questionOf(prompt);
    if (asked === THERE({ question: 'question', language: 'German' })) return TRANSLATIONS;
    for (const [answer, returned] of Object.entries(RETURNED))
      if (asked === BACK({ question: 'question', answer })) return returned;
    for (const [translated, answers] of Object.entries(ANSWERS))
      if (asked === BOTH({ question: 'question', translated, language: 'German' })) return answers;
    return ANSWERS[asked] ?? { lost: 1 };
  },
});
/** The sum by hand: what was not translated is not translated back, and neither is an answer that says nothing. */
function translated(back: boolean): P {
  const out = new Map<string, number>();
  for (const [t, p] of normal(TRANSLATIONS))
    for (const [y, q] of normal(ANSWERS[t || 'question'] as Distribution)) {
      if (!back || t === '' || y === '') add(out, y, p * q);
      else for (const [z, r] of normal(RETURNED[y] as Distribution)) add(out, z, p * q * r);
    }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'translate',
  subjects: {
    translate: { transform: translate(), preparation: 1 },
    'translate, direct, another translator': {
      transform: (base) => translate({ language: 'French', reply: 'direct', translator: reRead()(base) })(base),
      preparation: 1,
    },
  },
  exact: (['back', 'direct'] as const).map((reply) =>
    holds(
      `reply=${reply}: summed over translations${reply === 'back' ? ', there and back' : ''}`,
      plus(translator, translate({ language: 'German', reply })),
      () => translated(reply === 'back'),
    ),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the translation back is left out',
    file: 'rephrase/translate/translate.ts',
    from: 'annotate(home ?? thought, facts)',
    to: 'annotate(thought ?? home, facts)',
  },
];
