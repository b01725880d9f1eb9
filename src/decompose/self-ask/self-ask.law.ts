/** The law of self-ask: Σ over f, a of Π_i P(f_i | x, f_1, a_1 .. a_i-1) Q(a_i | x, f_i) P(y | x, f, a). */
import { plus, questionOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { addWhole, answersTo, knownIn, partIn, PARTS, whole } from '../shared/solver.law.ts';
import { selfAsk } from './self-ask.ts';

const isStep = (asked: string): boolean => asked.endsWith('So the final answer is: ...');

// Follow-ups until the model says that it knows.
const STEPS: Tables = {
  '': { 'Follow up: p?': 3, 'So the final answer is: x': 1 },
  a: { 'Follow up: r?': 1, 'So the final answer is: y': 2 },
  b: { 'Follow up: r?': 4, 'So the final answer is: z': 1 },
};
const asker = (next: Tables): Model =>
  enumerable({
    name: 'asker',
    answers(prompt) {
      const asked = questionOf(prompt);
      if (isStep(asked)) return next[knownIn(asked)] ?? { lost: 1 };
      const followUp = partIn(asked);
      return followUp === undefined ? whole(knownIn(asked)) : (PARTS[followUp] ?? { lost: 1 });
    },
  });
/** Step by step, each follow-up answered by itself, and the whole once there are no steps left. */
function followed(steps: number, next: Tables): P {
  const out = new Map<string, number>();
  const visit = (known: string, left: number, p: number): void => {
    if (left === 0) return addWhole(out, known, p);
    for (const [reply, w] of normal(next[known] as Distribution)) {
      const [, followUp] = reply.split('Follow up: ');
      if (followUp === undefined) add(out, reply, p * w);
      else for (const [a, pa] of answersTo(followUp)) visit(`${known} ${a}`.trim(), left - 1, p * w * pa);
    }
  };
  visit('', steps, 1);
  return out;
}

/** What a model says that is asked for the next step, and to answer all else. */
const curious = (prompt: readonly Message[]): Distribution =>
  weighed(prompt, isStep(questionOf(prompt)) ? ['Follow up: One?', 'So the final answer is: 4'] : ['4', '5', '22']);

export const law: TechniqueLaw = {
  technique: 'selfAsk',
  subjects: {
    selfAsk: { transform: selfAsk({ steps: 2 }), answers: curious, preparation: 4 },
    'selfAsk with an answerer': {
      transform: (base) => selfAsk({ steps: 2, answerer: reRead()(base) })(base),
      answers: curious,
      preparation: 4,
    },
  },
  exact: varied(
    {
      steps: upTo(2, selfAsk.definition.options.steps),
      next: weightsAfter(STEPS, 'what is asked, or answered, once so much is known'),
    },
    ({ steps, next }) =>
      holds(`steps=${steps}: follow-ups until the answer`, plus(asker(next), selfAsk({ steps })), () =>
        followed(steps, next),
      ),
    [1, 2].map((steps) => ({ steps })),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'one follow-up too many',
    file: 'decompose/self-ask/self-ask.ts',
    from: 'known.length < steps',
    to: 'known.length <= steps',
  },
];
