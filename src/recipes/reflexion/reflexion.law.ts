/** The law of reflexion: every path of attempts and of reflections on them. */
import { judge, questionOf, scorer, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { inForm } from '../shared/replies.law.ts';
import { reflexion } from './reflexion.ts';

/** Attempts, which depend on the reflections in view. */
const ATTEMPTS: Tables = {
  '': { bad: 4, fair: 3, good: 1 },
  slow: { bad: 1, fair: 2, good: 2 },
  quick: { bad: 3, fair: 1 },
  'slow slow': { fair: 1, good: 3 },
  'slow quick': { bad: 2, good: 1 },
  'quick slow': { bad: 1, fair: 1 },
  'quick quick': { bad: 5, fair: 1 },
};
/** Reflections, which depend on the attempt. */
const REFLECTIONS: { readonly [draft: string]: Distribution } = {
  bad: { slow: 2, quick: 1 },
  fair: { slow: 1, quick: 1 },
};
const VERDICTS: { readonly [draft: string]: Distribution } = {
  bad: { yes: 1, no: 4 },
  fair: { yes: 1, no: 1 },
  good: { yes: 4, no: 1 },
};

/** A model that tries, judges what it tried and reflects on it. */
const trier = (name: string, reflections: { readonly [draft: string]: Distribution }, attempts: Tables): Model =>
  enumerable({
    name,
    answers: (prompt) => {
      const asked = questionOf(prompt);
      const before = prompt.findLast(({ role }) => role === 'assistant');
      const draft = before ? textOf(before.content) : '';
      if (before) return (asked.includes('yes or no') ? VERDICTS[draft] : reflections[draft]) ?? { lost: 1 };
      const inView = [...asked.matchAll(/^- (.*)$/gm)].map(([, thought]) => thought);
      return attempts[inView.join(' ')] ?? { lost: 1 };
    },
  });

/** Every path of attempts and reflections until one is good; the answer is the best attempt, the latest of equals. */
function triedAgain(trials: number, attempts: Tables): P {
  const out = new Map<string, number>();
  const value = (y: string): number => ['bad', 'fair', 'good'].indexOf(y);
  const visit = (made: readonly string[], reflections: string, p: number): void => {
    for (const [y, q] of normal(attempts[reflections] as Distribution)) {
      const all = [...made, y];
      if (y === 'good' || all.length === trials) {
        const most = Math.max(...all.map(value));
        add(out, all.findLast((one) => value(one) === most) as string, p * q);
      } else
        for (const [thought, r] of normal(REFLECTIONS[y] as Distribution))
          visit(all, `${reflections} ${thought}`.trim(), p * q * r);
    }
  };
  visit([], '', 1);
  return out;
}

/** One that judges itself may find fault with what is good. */
const ON_ITSELF: { readonly [draft: string]: Distribution } = { ...REFLECTIONS, good: { slow: 1 } };

/** The first attempt where the verdict on it is yes; where it is no, the second, whatever is said of that. */
function judgedByItself(attempts: Tables): P {
  const out = new Map<string, number>();
  for (const [y, p] of normal(attempts[''] as Distribution)) {
    const yes = normal(VERDICTS[y] as Distribution).get('yes') as number;
    add(out, y, p * yes);
    for (const [thought, r] of normal(ON_ITSELF[y] as Distribution))
      for (const [z, q] of normal(attempts[thought] as Distribution)) add(out, z, p * (1 - yes) * r * q);
  }
  return out;
}

const grade = scorer('grade', ({ content }) => ['bad', 'fair', 'good'].indexOf(textOf(content)) / 2);
const size = scorer('size', ({ content }) => Number(textOf(content)) / 22);

const attempts = weightsAfter(ATTEMPTS, 'what is tried after these reflections');

export const law: TechniqueLaw = {
  technique: 'reflexion',
  subjects: {
    reflexion: { transform: reflexion(), answers: inForm },
    'reflexion with a judge': (base) => reflexion({ trials: 3, evaluate: judge(base), threshold: 9, memory: 1 })(base),
    'reflexion with an evaluator': reflexion({ trials: 3, evaluate: size, threshold: 0.9, memory: 1 }),
  },
  exact: [
    ...varied(
      { trials: upTo(3, reflexion.definition.options.trials), attempts },
      ({ trials, attempts }) =>
        holds(
          `trials=${trials} with an evaluator: the best attempt, the latest of equals`,
          reflexion({ evaluate: grade, trials })(trier('trier', REFLECTIONS, attempts)),
          () => triedAgain(trials, attempts),
        ),
      [{ trials: 3 }],
    ),
    ...varied({ attempts }, ({ attempts }) =>
      holds(
        'trials=2: the second attempt where it says no to the first',
        reflexion({ trials: 2 })(trier('self-judge', ON_ITSELF, attempts)),
        () => judgedByItself(attempts),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the first of equal attempts is kept',
    file: 'recipes/reflexion/reflexion.ts',
    from: 'score >= best.score',
    to: 'score > best.score',
  },
  {
    bug: 'reflections are forgotten',
    file: 'recipes/reflexion/reflexion.ts',
    from: 'kept.length === 0',
    to: 'kept.length >= 0',
  },
];
