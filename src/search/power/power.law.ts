/** The law of a power: after t steps P K^t, where w(y) = P(y)^(alpha−1). */
import { plus } from '../../core/index.ts';
import { finite, normal } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { table, upTo } from '../../testing/laws/parameters.ts';
import { afterSteps, BASE } from '../shared/markov-chain.law.ts';
import { power } from './power.ts';

export const law: TechniqueLaw = {
  technique: 'power',
  subjects: { power: power({ alpha: 2, steps: 3 }) },
  exact: [
    ...varied(
      { alpha: power.definition.options.alpha, steps: upTo(4, power.definition.options.steps), model: table(BASE) },
      ({ alpha, steps, model }) =>
        holds(`alpha=${alpha} steps=${steps}: P K^t`, plus(finite(model), power({ alpha, steps })), () => {
          const p = normal(model);
          return afterSteps(p, steps, (y) => (alpha - 1) * Math.log(p.get(y) as number));
        }),
      [
        { alpha: 4, steps: 0 },
        { alpha: 4, steps: 1 },
        { alpha: 3, steps: 3 },
        { alpha: 0.5, steps: 2 },
        { alpha: 0, steps: 2 },
      ],
    ),
    same('alpha=1 is the base', plus(finite(BASE), power({ alpha: 1, steps: 3 })), finite(BASE)),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the power is one too many',
    file: 'search/power/power.ts',
    from: '(alpha - 1) * logprobOf(sample)',
    to: 'alpha * logprobOf(sample)',
  },
  {
    bug: 'a chain that only climbs',
    file: 'search/shared/metropolis-hastings.ts',
    from: 'toll >= before ? 1 : Math.exp(toll - before)',
    to: 'toll >= before ? 1 : 0',
  },
  {
    bug: 'every step is accepted at one address',
    file: 'search/shared/metropolis-hastings.ts',
    from: '`accept/${i}`',
    to: '`accept/1`',
  },
];
