/** The law of skeleton-of-thought: Σ over s of P(s | skeleton of x) Π_i P(y_i | x, s, i). */
import { plus, questionOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { skeletonOfThought } from './skeleton-of-thought.ts';

const isOutline = (asked: string): boolean => asked.includes('Write only the skeleton');

const SKELETONS: Distribution = { '1. one\n2. two': 2, '1. one': 1 };
/** What is written of a point depends on the skeleton that it is a point of. */
const POINTS: { readonly [skeleton: string]: { readonly [point: string]: Distribution } } = {
  '1. one\n2. two': { '1. one': { k: 1, l: 2 }, '2. two': { m: 3, n: 1 } },
  '1. one': { '1. one': { k: 4, l: 1 } },
};
const EXPANDS = /has this skeleton:\n([^]*)\n\nWrite .* without its number: (.*)$/;
const writer = (skeletons: Distribution): Model =>
  enumerable({
    name: 'writer',
    answers(prompt) {
      const asked = questionOf(prompt);
      if (isOutline(asked)) return skeletons;
      const [, skeleton = '', point = ''] = EXPANDS.exec(asked) ?? [];
      return POINTS[skeleton]?.[point] ?? { lost: 1 };
    },
  });
function expanded(skeletons: Distribution): P {
  const out = new Map<string, number>();
  for (const [skeleton, s] of normal(skeletons)) {
    const visit = (points: readonly string[], texts: readonly string[], p: number): void => {
      const [point, ...more] = points;
      if (point === undefined) return add(out, texts.join('\n\n'), p);
      for (const [y, q] of normal(POINTS[skeleton]?.[point] as Distribution))
        visit(more, [...texts, `${texts.length + 1}. ${y}`], p * q);
    };
    visit(skeleton.split('\n'), [], s);
  }
  return out;
}

/** What a model says that is asked for a skeleton, and to answer all else. */
const outliner = (prompt: readonly Message[]): Distribution =>
  weighed(
    prompt,
    isOutline(questionOf(prompt)) ? ['1. First\n2. Second\n3. Third', '1. Only', 'nothing'] : ['4', '5', '22'],
  );

export const law: TechniqueLaw = {
  technique: 'skeletonOfThought',
  subjects: { skeletonOfThought: { transform: skeletonOfThought(), answers: outliner, preparation: 1 } },
  exact: varied({ skeletons: weights(SKELETONS, 'which skeleton is written') }, ({ skeletons }) =>
    holds('points are independent given the skeleton', plus(writer(skeletons), skeletonOfThought()), () =>
      expanded(skeletons),
    ),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'every point is the first point',
    file: 'decompose/skeleton-of-thought/skeleton-of-thought.ts',
    from: 'point: `${i + 1}. ${point}`',
    to: 'point: `1. ${points[0]}`',
  },
  {
    bug: 'the skeleton is not in view of its points',
    file: 'decompose/skeleton-of-thought/skeleton-of-thought.ts',
    from: '{ ...asked, skeleton, point:',
    to: "{ ...asked, skeleton: '', point:",
  },
];
