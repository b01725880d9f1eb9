/** The law of power sampling: ν K^t, K being the Metropolis-Hastings kernel and ν = P. */
import { plus } from '../../core/index.ts';
import type { P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo } from '../../testing/laws/parameters.ts';
import { tokenwise, TWO_LETTERS, twoLetters, unchanged } from '../shared/tokenwise.law.ts';
import { powerSampling } from './power-sampling.ts';

export const ALPHA = 2;
const distribution = tokenwise(unchanged, TWO_LETTERS);
export const texts: readonly string[] = [...distribution.keys()];
const p = (text: string): number => distribution.get(text) as number;

/** The ways in which y is proposed from x, each with its probability and the ratio it is accepted by. */
type Proposal = (x: string, y: string) => readonly { readonly q: number; readonly ratio: number }[];
const power = (x: string, y: string): number => (p(y) / p(x)) ** (ALPHA - 1);

export const independent: Proposal = (x, y) => [{ q: p(y), ratio: power(x, y) }];

/** @param lengths whether the ratio counts in how many places each text can be cut */
export function suffix({ lengths }: { readonly lengths: boolean }): Proposal {
  return (x, y) =>
    Array.from({ length: x.length + 1 }, (_, cut) => {
      const prefix = x.slice(0, cut);
      const mass = texts.reduce((sum, text) => sum + (text.startsWith(prefix) ? p(text) : 0), 0);
      const q = y.startsWith(prefix) ? p(y) / mass / (x.length + 1) : 0;
      return { q, ratio: power(x, y) * (lengths ? (x.length + 1) / (y.length + 1) : 1) };
    });
}

/** The probability of going from x to y. */
export function kernel(proposal: Proposal): (x: string, y: string) => number {
  const move = (x: string, y: string): number =>
    proposal(x, y).reduce((sum, { q, ratio }) => sum + q * Math.min(1, ratio), 0);
  return (x, y) =>
    x === y ? 1 - texts.reduce((sum, other) => sum + (other === x ? 0 : move(x, other)), 0) : move(x, y);
}

/** P after so many steps. */
export function stepped(steps: number, proposal: Proposal): P {
  const go = kernel(proposal);
  let now = distribution;
  for (let i = 0; i < steps; i++)
    now = new Map(texts.map((y) => [y, texts.reduce((sum, x) => sum + (now.get(x) as number) * go(x, y), 0)]));
  return now;
}

const sampled = (steps: number, name: 'independent' | 'suffix') =>
  plus(twoLetters, powerSampling({ alpha: ALPHA, steps, kernel: name }));

export const law: TechniqueLaw = {
  technique: 'powerSampling',
  subjects: {
    powerSampling: powerSampling({ alpha: 3, steps: 3 }),
    'powerSampling by suffixes': {
      transform: powerSampling({ alpha: 3, steps: 3, kernel: 'suffix' }),
      continueFrom: true,
    },
  },
  exact: [
    ...varied(
      { kernel: powerSampling.definition.options.kernel, steps: upTo(2, powerSampling.definition.options.steps) },
      ({ kernel, steps }) =>
        holds(`${kernel}, steps=${steps}: nu K^${steps}`, sampled(steps, kernel), () =>
          stepped(steps, kernel === 'suffix' ? suffix({ lengths: true }) : independent),
        ),
      (['independent', 'suffix'] as const).flatMap((kernel) => [0, 1, 2].map((steps) => ({ kernel, steps }))),
    ),
    same(
      'alpha=1 is the base',
      plus(twoLetters, powerSampling({ alpha: 1, steps: 2, kernel: 'suffix' })),
      plus(twoLetters),
    ),
    {
      ...holds('the suffix kernel without the lengths is another one', sampled(1, 'suffix'), () =>
        stepped(1, suffix({ lengths: false })),
      ),
      holds: false,
    },
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'no length ratio where a suffix is proposed',
    file: 'decode/power-sampling/power-sampling.ts',
    from: '(logprobOf(y) - logprobOf(x)) + lengths)) x = y',
    to: '(logprobOf(y) - logprobOf(x)))) x = y',
  },
  {
    bug: 'alpha in place of alpha - 1',
    file: 'decode/power-sampling/power-sampling.ts',
    from: '(alpha - 1) * (logprobOf(y) - logprobOf(x))) ? y : x',
    to: 'alpha * (logprobOf(y) - logprobOf(x))) ? y : x',
  },
];
