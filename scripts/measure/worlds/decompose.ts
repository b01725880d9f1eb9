/** Written models for the techniques that take a question apart. */
import { questionOf } from '../../../src/core/index.ts';
import {
  decomposedPrompting,
  easyFirst,
  leastToMost,
  planAndSolve,
  selfAsk,
  skeletonOfThought,
} from '../../../src/decompose/index.ts';
import { SPLIT as SPLIT_EASY } from '../../../src/decompose/easy-first/easy-first.ts';
import { SPLIT } from '../../../src/decompose/least-to-most/least-to-most.ts';
import { SPLIT as SPLIT_TAGGED } from '../../../src/decompose/decomposed-prompting/decomposed-prompting.ts';
import { PLAN } from '../../../src/decompose/plan-and-solve/plan-and-solve.ts';
import { ASK } from '../../../src/decompose/self-ask/self-ask.ts';
import { SKELETON } from '../../../src/decompose/skeleton-of-thought/skeleton-of-thought.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import { answers, either, share, type World } from './form.ts';

const QUESTION = { question: 'question', context: '', asked: 'question' };
const fact = (p: number): Distribution => either(p, 'right', 'wrong');
/** Which part is asked, and the answers to parts that are in view. */
const partIn = (asked: string): string | undefined => /briefly: (.*)$/.exec(asked)?.[1];
const knownIn = (asked: string): readonly (string | undefined)[] =>
  [...asked.matchAll(/^A: (.*)$/gm)].map(([, answer]) => answer);
/** The whole, put together of its parts: right where all of them are. */
const together = (known: readonly (string | undefined)[]): Distribution =>
  answers(known.every((one) => one === 'right') ? 0.98 : 0.02);
const inOneGo = 'right 50 % in one go';

/** Two hops: the second is asked with the first answer in it. */
function hops(known: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === SPLIT(QUESTION)) return { '1. the first hop?\n2. the second hop of #1?\n3. question': 1 };
      const part = partIn(asked);
      if (part !== undefined) return fact(part === 'the second hop of wrong?' ? 0.02 : known);
      return asked === 'question' ? answers(0.5) : together(knownIn(asked));
    },
  });
  const says = `${inOneGo}; it answers each of two hops rightly ${share(known)} of the time, the second only after a right first`;
  return { technique: 'leastToMost', says, base, model: leastToMost()(base) };
}

/** Two parts that do not need each other, handed to a model that can look things up; one that does, and is told so or not. */
function handled(forgets: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === SPLIT_TAGGED({ ...QUESTION, handlers: 'search' }))
        return either(
          forgets,
          '1. [search] the first hop?\n2. [search] the second hop?\n3. question',
          '1. [search] the first hop?\n2. [search] the second hop of #1?\n3. question',
        );
      return asked === 'question' ? answers(0.5) : together(knownIn(asked));
    },
  });
  const search = enumerable({
    answers: (prompt) =>
      fact({ 'the second hop?': 0.2, 'the second hop of wrong?': 0.02 }[partIn(questionOf(prompt)) ?? ''] ?? 0.9),
  });
  const says = `${inOneGo}; a handler that searches answers each hop rightly 90 % of the time; ${share(forgets)} of the lists forget that the second hop needs the first, which leaves it 20 % right`;
  const model = decomposedPrompting({ handlers: [search], tags: 'search' })(base);
  return { technique: 'decomposedPrompting(handlers=[search])', says, base, model };
}

/** Follow-ups until it is done: two hops, or one hop and a model that does not stop. */
function followedUp(oneHop: boolean): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      const known = knownIn(asked);
      if (partIn(asked) !== undefined) return fact(0.85);
      if (asked !== ASK({ ...QUESTION, known: '' }) && !asked.includes('Follow up:'))
        return answers(oneHop ? 0.85 : 0.5);
      const right = known.every((one) => one === 'right');
      if (known.length < 2) return { 'Follow up: which one?': 1 };
      return right ? { 'So the final answer is: right': 1 } : { 'So the final answer is: wrong': 1 };
    },
  });
  const says = oneHop
    ? 'a question of one hop, right 85 % in one go; it still asks two follow-ups, each right 85 %, and believes them'
    : `a question of two hops, ${inOneGo}; it asks two follow-ups, each right 85 %`;
  return { technique: 'selfAsk', says, base, model: selfAsk()(base) };
}

/** A plan that leaves nothing out, or that leads astray. */
function planned(good: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === PLAN(QUESTION)) return either(good, 'all steps', 'a wrong step');
      return answers(asked === 'question' ? 0.6 : asked.includes('all steps') ? 0.8 : 0.15);
    },
  });
  const says = `right 60 % without a plan, 80 % by a good one and 15 % by a bad one; ${share(good)} of its plans are good`;
  return { technique: 'planAndSolve', says, base, model: planAndSolve()(base) };
}

/** Four points in one text, or each on its own: right where every point is good and fits the others. */
function outlined(fits: number): World {
  const points = [1, 2, 3, 4];
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === SKELETON(QUESTION)) return { [points.map((i) => `${i}. point`).join('\n')]: 1 };
      return asked === 'question' ? either(0.95 ** 4, 'right', 'wrong') : either(0.95 * fits, 'good', 'bad');
    },
  });
  const says = `four points, each good 95 %; written at once, each fits the others ${share(fits)} of the time`;
  const isRight = (text: string): boolean => text === 'right' || (/good/.test(text) && !/bad/.test(text));
  const instead = { name: 'one text', model: base };
  return { technique: 'skeletonOfThought', says, base, model: skeletonOfThought()(base), right: isRight, instead };
}

/** A part that is hard on its own and easy in the light of the other, which it is named before. */
function surest(easy: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === SPLIT_EASY(QUESTION)) return { '1. hard?\n2. easy?': 1 };
      const known = knownIn(asked);
      const part = partIn(asked);
      if (part === 'easy?') return fact(easy);
      if (part === 'hard?') return fact(known.length === 0 ? 0.6 : known[0] === 'right' ? 0.9 : 0.1);
      return asked === 'question' ? answers(0.5) : together(known);
    },
  });
  const says = `${inOneGo}; one part is right ${share(easy)}, with one mistake otherwise; the other part, named before it, is right 60 % alone, 90 % given a right answer to the first part and 10 % given a wrong one`;
  return { technique: 'easyFirst(n=3)', says, base, model: easyFirst({ n: 3 })(base) };
}

export const decompose: readonly World[] = [
  hops(0.85),
  hops(0.6),
  handled(0.05),
  handled(0.6),
  followedUp(false),
  followedUp(true),
  planned(0.85),
  planned(0.5),
  outlined(1),
  outlined(0.75),
  surest(0.9),
  surest(0.4),
];
