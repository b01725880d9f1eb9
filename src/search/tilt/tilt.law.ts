/** The law of a tilt: after t steps P K^t, where w(y) = e^(r(y)/τ). */
import { judge, plus, scorer, textOf } from '../../core/index.ts';
import { finite, normal } from '../../testing/laws/closed-form.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { numberIn, scorerOf, scores, table, upTo } from '../../testing/laws/parameters.ts';
import { size } from '../shared/closed-forms.law.ts';
import { afterSteps, BASE } from '../shared/markov-chain.law.ts';
import { softBestOfN } from '../soft-best-of-n/soft-best-of-n.ts';
import { tilt } from './tilt.ts';

const REWARDS: { readonly [y: string]: number } = { a: 0, b: 1, c: 0.4 };
const reward = scorer('reward', ({ content }) => REWARDS[textOf(content)] ?? Number.NaN);
/** It says nothing of b, which counts as the worst there is. */
const partial = scorer('partial', ({ content }) => ({ a: 0.3, c: 1 })[textOf(content)] ?? Number.NaN);

/** What has no reward weighs nothing. */
const logWeight = (reward: number, temperature: number): number =>
  Number.isNaN(reward) ? -Infinity : reward / temperature;

const [base, p] = [finite(BASE), normal(BASE)];

export const law: TechniqueLaw = {
  technique: 'tilt',
  subjects: {
    tilt: tilt({ score: size, steps: 3, temperature: 4 }),
    'tilt with a judge': (base) => tilt({ score: judge(base), steps: 3, temperature: 4 })(base),
    'tilt by resampling': tilt({ score: size, steps: 3, method: 'sir' }),
  },
  exact: [
    ...varied(
      {
        temperature: tilt.definition.options.temperature,
        steps: upTo(4, tilt.definition.options.steps),
        model: table(BASE),
        rewards: scores(REWARDS, 'the reward of each answer'),
      },
      ({ temperature, steps, model, rewards }) =>
        holds(
          `temperature=${temperature} steps=${steps}: P K^t`,
          plus(finite(model), tilt({ score: scorerOf(rewards, 'reward'), steps, temperature })),
          () => afterSteps(normal(model), steps, (y) => logWeight(numberIn(rewards)(y), temperature)),
        ),
      [
        { temperature: 1, steps: 1 },
        { temperature: 0.5, steps: 3 },
        { temperature: 2, steps: 2 },
      ],
    ),
    holds('what has no reward is left at once, and never gone to', plus(base, tilt({ score: partial, steps: 2 })), () =>
      afterSteps(p, 2, (y) => ({ a: 0.3, c: 1 })[y] ?? -Infinity),
    ),
    same('by a constant it is the base', plus(base, tilt({ score: () => 7, steps: 3 })), base),
    same(
      'by a constant it is the base, with method="sir" too',
      plus(base, tilt({ score: () => 7, steps: 3, method: 'sir' })),
      base,
    ),
    same(
      'steps=3 method="sir" is softBestOfN(n=4)',
      plus(base, tilt({ score: reward, steps: 3, temperature: 0.5, method: 'sir' })),
      plus(base, softBestOfN({ n: 4, score: reward, temperature: 0.5 })),
    ),
    same(
      'a reward may be moved by a constant',
      plus(base, tilt({ score: reward, steps: 2 })),
      plus(base, tilt({ score: (one) => (REWARDS[textOf(one.content)] ?? 0) + 1000, steps: 2 })),
    ),
    differs(
      'tilts do not commute after finitely many steps',
      plus(base, tilt({ score: reward, steps: 1 }), tilt({ score: partial, steps: 1 })),
      plus(base, tilt({ score: partial, steps: 1 }), tilt({ score: reward, steps: 1 })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'two draws without a reward cannot be compared',
    file: 'search/shared/metropolis-hastings.ts',
    from: 'toll >= before ? 1',
    to: 'toll > before ? 1',
  },
  {
    bug: 'a tilt forgets its temperature',
    file: 'search/tilt/tilt.ts',
    from: 'value / temperature',
    to: 'value',
  },
];
