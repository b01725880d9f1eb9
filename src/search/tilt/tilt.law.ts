/** The law of a tilt: after t steps P K^t, where w(y) = e^(r(y)/τ). */
import { judge, plus, scorer, textOf } from '../../core/index.ts';
import { finite, normal } from '../../testing/laws/closed-form.ts';
import { differs, holds, same, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { size } from '../shared/closed-forms.law.ts';
import { afterSteps, BASE } from '../shared/markov-chain.law.ts';
import { softBestOfN } from '../soft-best-of-n/soft-best-of-n.ts';
import { tilt } from './tilt.ts';

const REWARDS: { readonly [y: string]: number } = { a: 0, b: 1, c: 0.4 };
const reward = scorer('reward', ({ content }) => REWARDS[textOf(content)] ?? Number.NaN);
/** It says nothing of b, which counts as the worst there is. */
const partial = scorer('partial', ({ content }) => ({ a: 0.3, c: 1 })[textOf(content)] ?? Number.NaN);

const [base, p] = [finite(BASE), normal(BASE)];

export const law: TechniqueLaw = {
  technique: 'tilt',
  subjects: {
    tilt: tilt({ score: size, steps: 3, temperature: 4 }),
    'tilt with a judge': (base) => tilt({ score: judge(base), steps: 3, temperature: 4 })(base),
    'tilt by resampling': tilt({ score: size, steps: 3, method: 'sir' }),
  },
  exact: [
    ...(
      [
        [1, 1],
        [0.5, 3],
        [2, 2],
      ] as const
    ).map(([temperature, steps]) =>
      holds(
        `temperature=${temperature} steps=${steps}: P K^t`,
        plus(base, tilt({ score: reward, steps, temperature })),
        () => afterSteps(p, steps, (y) => Math.exp((REWARDS[y] as number) / temperature)),
      ),
    ),
    holds('what has no reward is left at once, and never gone to', plus(base, tilt({ score: partial, steps: 2 })), () =>
      afterSteps(p, 2, (y) => ({ a: Math.exp(0.3), c: Math.E })[y] ?? 0),
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
