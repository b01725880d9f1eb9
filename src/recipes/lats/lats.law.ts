/** The law of a language agent tree search of two steps: every thought, and the lesson that a bad end leaves. */
import { judge, questionOf, scorer, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { inForm } from '../shared/replies.law.ts';
import { lats } from './lats.ts';

/** Thoughts that may end at once, and depend on the lessons in view. */
const NEXT: Tables = {
  ' ': { on: 2, 'Final answer: bad': 1 },
  'on ': { 'Final answer: fair': 1, 'Final answer: good': 1 },
  ' avoid': { on: 1, 'Final answer: fair': 2 },
  'on avoid': { 'Final answer: good': 3, 'Final answer: bad': 1 },
};
const WORTH: { readonly [thought: string]: number } = {
  on: 0.5,
  'Final answer: bad': 0.1,
  'Final answer: fair': 0.6,
  'Final answer: good': 1,
};
const worth = scorer('worth', ({ content }) => WORTH[textOf(content).split('\n').at(-1) as string] ?? Number.NaN);
const thinker = (then: Tables): Model =>
  enumerable({
    name: 'thinker',
    answers: (prompt) => {
      const asked = questionOf(prompt);
      const steps = /Thoughts (?:so far|on it):\n([\s\S]*?)\n\n/.exec(asked)?.[1] ?? '';
      if (asked.includes('next thought'))
        return then[`${steps} ${asked.includes('- avoid') ? 'avoid' : ''}`] ?? { lost: 1 };
      return asked.includes('went wrong') ? { avoid: 1 } : { [steps.split('\n').at(-1) as string]: 1 };
    },
  });

/**
 * One thought at a time. The first may be an end that is not good enough, and nothing is left to go on from; or it goes on,
 * and the second is an end. A reflection on an end comes too late to be of use in a line.
 */
function inLine(next: Tables): P {
  const out = new Map<string, number>();
  for (const [first, p] of normal(next[' '] as Distribution))
    if (first === 'on') for (const [second, q] of normal(next['on '] as Distribution)) add(out, second, p * q);
    else add(out, first, p);
  return out;
}

/**
 * Two thoughts at a time. After a bad end a lesson is in view where the search goes on, from the first `on`. The better of
 * two ends is the answer.
 */
function inTwos(next: Tables): P {
  const out = new Map<string, number>();
  const better = (ends: readonly string[]): string =>
    ends.reduce((top, one) => ((WORTH[one] as number) > (WORTH[top] as number) ? one : top));
  const start = [...normal(next[' '] as Distribution)];
  for (const [a, p] of start)
    for (const [b, q] of start) {
      const ends = [a, b].filter((one) => one !== 'on');
      if (ends.length === 2) {
        add(out, better(ends), p * q);
        continue;
      }
      const then = [...normal(next[ends.length === 1 ? 'on avoid' : 'on '] as Distribution)];
      for (const [c, r] of then) for (const [d, s] of then) add(out, better([...ends, c, d]), p * q * r * s);
    }
  return out;
}

const size = scorer('size', ({ content }) => Number(textOf(content)) / 22);

const next = weightsAfter(NEXT, 'what is thought after these steps and lessons');

export const law: TechniqueLaw = {
  technique: 'lats',
  subjects: {
    lats: { transform: lats({ n: 3, width: 2, depth: 3 }), answers: inForm, preparation: 15 },
    'lats with a judge': {
      transform: (base) => lats({ n: 3, width: 2, depth: 2, score: judge(base), memory: 1 })(base),
      answers: inForm,
      preparation: 9,
    },
    'lats with a scorer': {
      transform: lats({ n: 3, width: 2, depth: 2, score: size, memory: 1 }),
      answers: inForm,
      preparation: 9,
    },
  },
  exact: [
    ...varied({ next }, ({ next }) =>
      holds(
        'n=2 width=1 depth=2: thoughts in a line',
        lats({ n: 2, width: 1, depth: 2, score: worth })(thinker(next)),
        () => inLine(next),
      ),
    ),
    ...varied({ next }, ({ next }) =>
      holds(
        'n=2 width=2 depth=2: a lesson after a bad end',
        lats({ n: 2, width: 2, depth: 2, score: worth })(thinker(next)),
        () => inTwos(next),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'no lesson is learnt from an end that fails',
    file: 'recipes/lats/lats.ts',
    from: 'if (lesson) reflections.push(lesson);',
    to: '',
  },
  {
    bug: 'a beginning is answered from before an end',
    file: 'recipes/lats/lats.ts',
    from: 'nodes.find(({ state }) => state.isEnd) ?? ',
    to: '',
  },
];
