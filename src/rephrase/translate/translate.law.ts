/** The law of translating: Σ over t, y of T(t | x) P(y | t) T(z | x, y). */
import { option, plus, questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { reRead } from '../re-read/re-read.ts';
import { BACK, BOTH, THERE, translate } from './translate.ts';

// Two translations, and one that is none, with answers of their own, and what becomes of those on the way back.
const TRANSLATIONS: Distribution = { frage: 3, rätsel: 1, '': 1 };
const ANSWERS: Tables = {
  frage: { ja: 4, nein: 1 },
  rätsel: { nein: 1, '': 1 },
  question: { yes: 1, no: 2 },
};
const RETURNED: { readonly [answer: string]: Distribution } = { ja: { yes: 9, sure: 1 }, nein: { no: 1, nope: 1 } };
const translator = (translations: Distribution, said: Tables): Model =>
  enumerable({
    name: 'translator',
    answers(prompt) {
      const asked = questionOf(prompt);
      if (asked === THERE({ question: 'question', language: 'German' })) return translations;
      for (const [answer, returned] of Object.entries(RETURNED))
        if (asked === BACK({ question: 'question', answer })) return returned;
      for (const [translated, answers] of Object.entries(said))
        if (asked === BOTH({ question: 'question', translated, language: 'German' })) return answers;
      return said[asked] ?? { lost: 1 };
    },
  });
/** The sum by hand: what was not translated is not translated back, and neither is an answer that says nothing. */
function translated(back: boolean, translations: Distribution, said: Tables): P {
  const out = new Map<string, number>();
  for (const [t, p] of normal(translations))
    for (const [y, q] of normal(said[t || 'question'] as Distribution)) {
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
  exact: varied(
    {
      reply: option.oneOf(['back', 'direct'], { doc: translate.definition.options.reply.doc }),
      translations: weights(TRANSLATIONS, 'how the question is translated'),
      answers: weightsAfter(ANSWERS, 'what is answered to each'),
    },
    ({ reply, translations, answers }) =>
      holds(
        `reply=${reply}: summed over translations${reply === 'back' ? ', there and back' : ''}`,
        plus(translator(translations, answers), translate({ language: 'German', reply })),
        () => translated(reply === 'back', translations, answers),
      ),
    (['back', 'direct'] as const).map((reply) => ({ reply })),
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
