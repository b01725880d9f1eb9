/** Laws of Markov chains over whole texts: t steps are νK^t, whatever the stationary law is. */
import { plus, scorer, textOf } from '../../src/core/index.ts';
import type { Distribution } from '../../src/models/written/enumerable.ts';
import { power, softBestOfN, tilt } from '../../src/search/index.ts';
import { exact } from '../../src/testing/laws/exact.ts';
import { add, finite, normal, type ExactLaw, type LawSet, type P } from './form.ts';

const BASE: Distribution = { a: 5, b: 3, c: 2 };
const REWARDS: { readonly [y: string]: number } = { a: 0, b: 1, c: 0.4 };
export const reward = scorer('reward', ({ content }) => REWARDS[textOf(content)] ?? Number.NaN);
/** Says nothing of b: it counts as the worst there is. */
const partial = scorer('partial', ({ content }) => ({ a: 0.3, c: 1 })[textOf(content)] ?? Number.NaN);

/** νK^t, with ν = P and K(y, z) = P(z) min(1, w(z)/w(y)) for z ≠ y, as a matrix and not as a walk. */
export function afterSteps(p: P, t: number, weight: (y: string) => number): P {
  const accept = (y: string, z: string): number => (weight(z) >= weight(y) ? 1 : weight(z) / weight(y));
  let v = p;
  for (let step = 0; step < t; step++) {
    const next = new Map<string, number>();
    for (const [y, mass] of v)
      for (const [z, q] of p) {
        add(next, z, mass * q * accept(y, z));
        add(next, y, mass * q * (1 - accept(y, z)));
      }
    v = next;
  }
  return v;
}

/** P(y) w(y) / Z. */
export function target(p: P, weight: (y: string) => number): P {
  const z = [...p].reduce((sum, [y, q]) => sum + q * weight(y), 0);
  return new Map([...p].map(([y, q]) => [y, (q * weight(y)) / z]));
}

const p = normal(BASE);
const raised =
  (alpha: number) =>
  (y: string): number =>
    (p.get(y) as number) ** (alpha - 1);
const tilted =
  (tau: number) =>
  (y: string): number =>
    Math.exp((REWARDS[y] as number) / tau);

const equal = (law: string, model: ExactLaw['model'], other: ExactLaw['model']): ExactLaw => ({
  technique: 'identity',
  law,
  model,
  expected: () => exact(other),
  holds: true,
});

export const chains: LawSet = {
  subjects: {
    power: power({ alpha: 2, steps: 3 }),
    tilt: tilt({ score: scorer('size', ({ content }) => Number(textOf(content))), steps: 3, temperature: 4 }),
    'tilt by resampling': tilt({
      score: scorer('size', ({ content }) => Number(textOf(content))),
      steps: 3,
      method: 'sir',
    }),
  },
  exact: [
    ...(
      [
        [4, 0],
        [4, 1],
        [3, 3],
        [0.5, 2],
        [0, 2],
      ] as const
    ).map(([alpha, steps]) => ({
      technique: 'power',
      law: `alpha=${alpha} steps=${steps}: nu K^t`,
      model: plus(finite(BASE), power({ alpha, steps })),
      expected: () => afterSteps(p, steps, raised(alpha)),
      holds: true,
    })),
    ...(
      [
        [1, 1],
        [0.5, 3],
        [2, 2],
      ] as const
    ).map(([tau, steps]) => ({
      technique: 'tilt',
      law: `temperature=${tau} steps=${steps}: nu K^t`,
      model: plus(finite(BASE), tilt({ score: reward, steps, temperature: tau })),
      expected: () => afterSteps(p, steps, tilted(tau)),
      holds: true,
    })),
    {
      technique: 'tilt',
      law: 'what has no reward is left at once, and never gone to',
      model: plus(finite(BASE), tilt({ score: partial, steps: 2 })),
      expected: () => afterSteps(p, 2, (y) => ({ a: Math.exp(0.3), c: Math.E })[y] ?? 0),
      holds: true,
    },
    equal('power(alpha=1) = base', plus(finite(BASE), power({ alpha: 1, steps: 3 })), finite(BASE)),
    equal('tilt(const) = base', plus(finite(BASE), tilt({ score: () => 7, steps: 3 })), finite(BASE)),
    equal(
      'tilt(const, method="sir") = base',
      plus(finite(BASE), tilt({ score: () => 7, steps: 3, method: 'sir' })),
      finite(BASE),
    ),
    equal(
      'tilt(steps=3, method="sir") = softBestOfN(n=4)',
      plus(finite(BASE), tilt({ score: reward, steps: 3, temperature: 0.5, method: 'sir' })),
      plus(finite(BASE), softBestOfN({ n: 4, score: reward, temperature: 0.5 })),
    ),
    equal(
      'a reward may be moved by a constant',
      plus(finite(BASE), tilt({ score: reward, steps: 2 })),
      plus(finite(BASE), tilt({ score: (one) => (REWARDS[textOf(one.content)] ?? 0) + 1000, steps: 2 })),
    ),
    {
      ...equal(
        'tilts do not commute after finitely many steps',
        plus(finite(BASE), tilt({ score: reward, steps: 1 }), tilt({ score: partial, steps: 1 })),
        plus(finite(BASE), tilt({ score: partial, steps: 1 }), tilt({ score: reward, steps: 1 })),
      ),
      technique: 'no law',
      holds: false,
    },
  ],
  mutants: [
    {
      bug: 'the power is one too many',
      file: 'search/power/power.ts',
      from: '(alpha - 1) * logprobOf(sample)',
      to: 'alpha * logprobOf(sample)',
    },
    {
      bug: 'a chain that only climbs',
      file: 'search/shared/chain.ts',
      from: 'toll >= before ? 1 : Math.exp(toll - before)',
      to: 'toll >= before ? 1 : 0',
    },
    {
      bug: 'two draws without a reward cannot be compared',
      file: 'search/shared/chain.ts',
      from: 'toll >= before ? 1',
      to: 'toll > before ? 1',
    },
    {
      bug: 'a tilt forgets its temperature',
      file: 'search/tilt/tilt.ts',
      from: 'value / temperature',
      to: 'value',
    },
  ],
};
