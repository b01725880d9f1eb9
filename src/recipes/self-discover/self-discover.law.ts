/** The law of self-discover: a chain of four draws, each from what the one before said. */
import { questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { selfDiscover } from './self-discover.ts';

const CHAIN: Tables = {
  select: { s: 1, t: 3 },
  s: { d: 2, e: 1 },
  t: { e: 1 },
  d: { f: 1, g: 1 },
  e: { g: 3, h: 1 },
  f: { x: 1 },
  g: { x: 1, y: 2 },
  h: { y: 1, z: 1 },
};
const composer = (chain: Tables): Model =>
  enumerable({
    name: 'composer',
    answers: (prompt) => {
      const asked = questionOf(prompt);
      return chain[asked.includes('Which of these') ? 'select' : (asked.split('\n').at(-1) as string)] ?? { lost: 1 };
    },
  });
function chained(chain: Tables): P {
  let out: P = new Map([['select', 1]]);
  for (let step = 0; step < 4; step++) {
    const next = new Map<string, number>();
    for (const [said, p] of out) for (const [then, q] of normal(chain[said] as Distribution)) add(next, then, p * q);
    out = next;
  }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'selfDiscover',
  subjects: { selfDiscover: { transform: selfDiscover(), preparation: 3 } },
  exact: varied({ chain: weightsAfter(CHAIN, 'what is said after what was said before') }, ({ chain }) =>
    holds('a chain of four draws', selfDiscover()(composer(chain)), () => chained(chain)),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the structure is left out',
    file: 'recipes/self-discover/self-discover.ts',
    from: 'solving.say({ ...asked, structure })',
    to: "solving.say({ ...asked, structure: 'select' })",
  },
];
