/** The law of self-discover: a chain of four draws, each from what the one before said. */
import { questionOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { selfDiscover } from './self-discover.ts';

const CHAIN: { readonly [said: string]: Distribution } = {
  select: { s: 1, t: 3 },
  s: { d: 2, e: 1 },
  t: { e: 1 },
  d: { f: 1, g: 1 },
  e: { g: 3, h: 1 },
  f: { x: 1 },
  g: { x: 1, y: 2 },
  h: { y: 1, z: 1 },
};
const composer = enumerable({
  name: 'composer',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    return CHAIN[asked.includes('Which of these') ? 'select' : (asked.split('\n').at(-1) as string)] ?? { lost: 1 };
  },
});
function chained(): P {
  let out: P = new Map([['select', 1]]);
  for (let step = 0; step < 4; step++) {
    const next = new Map<string, number>();
    for (const [said, p] of out) for (const [then, q] of normal(CHAIN[said] as Distribution)) add(next, then, p * q);
    out = next;
  }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'selfDiscover',
  subjects: { selfDiscover: { transform: selfDiscover(), preparation: 3 } },
  exact: [holds('a chain of four draws', selfDiscover()(composer), chained)],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the structure is left out',
    file: 'recipes/self-discover/self-discover.ts',
    from: 'solving.say({ ...asked, structure })',
    to: "solving.say({ ...asked, structure: 'select' })",
  },
];
