/** Laws of decompose. */
import { questionOf, textOf, type Message, type Model } from '../../src/core/index.ts';
import {
  decomposedPrompting,
  easyFirst,
  leastToMost,
  planAndSolve,
  selfAsk,
  skeletonOfThought,
} from '../../src/decompose/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import { reRead } from '../../src/rephrase/index.ts';
import { add, normal, type ExactLaw, type LawSet, type P } from './form.ts';

const isSplit = (asked: string): boolean => asked.startsWith('Do not answer the task below');
const isOutline = (asked: string): boolean => asked.includes('Write only the skeleton');
const isAsk = (asked: string): boolean => asked.endsWith('So the final answer is: ...');

/** A base that takes questions apart in several ways, one of them no list at all. */
export function takesApart(prompt: readonly Message[]): Distribution {
  const asked = questionOf(prompt);
  let mixed = 7;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 31) + char.charCodeAt(0)) >>> 0;
  if (isSplit(asked))
    return {
      '1. One?\n2. Two of #1?\n3. All?': 3,
      '1. One?\n2. [reader] Other?\n3. Two of #1?\n4. All?': 2 + (mixed % 2),
      'No list.': 1,
    };
  if (isOutline(asked)) return { '1. First\n2. Second\n3. Third': 3, '1. Only': 1, nothing: 1 };
  if (isAsk(asked)) return { 'Follow up: One?': 3 + (mixed % 2), 'So the final answer is: 4': 2 };
  return { '4': 5 + (mixed % 4), '5': 3 + (mixed % 3), '22': 1 + (mixed % 2) };
}

// What is answered to each part given the answers in view, and to the whole given all of them.
const LISTS: Distribution = { '1. p?\n2. q #1?\n3. end': 3, 'end, at once': 1 };
const SPREAD: Distribution = { '1. p?\n2. r?\n3. q #1?\n4. end': 1 };
const PAIR: Distribution = { '1. p?\n2. r?': 1 };
const PARTS: { readonly [part_known: string]: Distribution } = {
  'p?': { a: 2, b: 1 },
  'q a?': { c: 1, d: 3 },
  'q b?': { c: 2, d: 1 },
  'q a? a': { c: 1, d: 3 },
  'q b? b': { c: 2, d: 1 },
  'r?': { e: 3, f: 2 },
  'r? a': { e: 1, f: 4 },
  'r? b': { e: 5, f: 1 },
  'p? e': { a: 1, b: 2 },
  'p? f': { a: 5, b: 1 },
};
/** The answer to the whole: a weight for each pair of what is asked and what is known. */
const whole = (known: string): Distribution =>
  known === '' ? { x: 1, y: 1 } : { x: known.charCodeAt(0) - 90, y: known.charCodeAt(known.length - 1) - 95 };

function solver(lists: Distribution): Model {
  return enumerable({
    name: 'solver',
    answers: (prompt) => {
      const asked = questionOf(prompt);
      if (isSplit(asked)) return lists;
      const known = [...asked.matchAll(/^A: (.*)$/gm)].map(([, answer]) => answer).join(' ');
      const part = /briefly: (.*)$/.exec(asked)?.[1];
      return part === undefined ? whole(known) : (PARTS[`${part} ${known}`.trim()] ?? { lost: 1 });
    },
  });
}

const part = (key: string): P => normal(PARTS[key] as Distribution);
const close = (out: Map<string, number>, known: string, p: number): void => {
  for (const [y, w] of normal(whole(known))) add(out, y, p * w);
};

/** P(list) P(a | p?) P(c | q a?, a) P(y | a, c), and the question as it is where there is no list. */
function inTurn(): P {
  const out = new Map<string, number>();
  close(out, '', 1 / 4);
  for (const [a, pa] of part('p?'))
    for (const [c, pc] of part(`q ${a}? ${a}`)) close(out, `${a} ${c}`, (3 / 4) * pa * pc);
  return out;
}

/** The second part stands alone; the third sees the answer it refers to and no other. */
function byReference(): P {
  const out = new Map<string, number>();
  for (const [a, pa] of part('p?'))
    for (const [e, pe] of part('r?'))
      for (const [c, pc] of part(`q ${a}? ${a}`)) close(out, `${a} ${e} ${c}`, pa * pe * pc);
  return out;
}

/** All sequences of n draws, with their leader (the first to have the most votes) and its votes. */
function leaders(p: P, n: number): { readonly answer: string; readonly votes: number; readonly p: number }[] {
  let drawn: { readonly texts: readonly string[]; readonly p: number }[] = [{ texts: [], p: 1 }];
  for (let i = 0; i < n; i++)
    drawn = drawn.flatMap(({ texts, p: q }) => [...p].map(([y, w]) => ({ texts: [...texts, y], p: q * w })));
  return drawn.map(({ texts, p: q }) => {
    const votes = (y: string): number => texts.filter((text) => text === y).length;
    const most = Math.max(...texts.map(votes));
    return { answer: texts.find((text) => votes(text) === most) as string, votes: most, p: q };
  });
}

/** Two parts: the one with more votes for its leader first, the first of the list where they have as many. */
function surestFirst(n: number): P {
  const out = new Map<string, number>();
  for (const one of leaders(part('p?'), n))
    for (const two of leaders(part('r?'), n)) {
      const isFirst = one.votes >= two.votes;
      const fixed = isFirst ? one.answer : two.answer;
      for (const then of leaders(part(isFirst ? `r? ${fixed}` : `p? ${fixed}`), n))
        close(out, isFirst ? `${fixed} ${then.answer}` : `${then.answer} ${fixed}`, one.p * two.p * then.p);
    }
  return out;
}

// Follow-ups until the model says that it knows, two at most.
const STEPS: { readonly [known: string]: Distribution } = {
  '': { 'Follow up: p?': 3, 'So the final answer is: x': 1 },
  a: { 'Follow up: r?': 1, 'So the final answer is: y': 2 },
  b: { 'Follow up: r?': 4, 'So the final answer is: z': 1 },
};
const asker = enumerable({
  name: 'asker',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    const known = [...asked.matchAll(/^A: (.*)$/gm)].map(([, answer]) => answer).join(' ');
    if (isAsk(asked)) return STEPS[known] ?? { lost: 1 };
    const followUp = /briefly: (.*)$/.exec(asked)?.[1];
    return followUp === undefined ? whole(known) : (PARTS[followUp] ?? { lost: 1 });
  },
});
function followed(steps: number): P {
  const out = new Map<string, number>();
  const visit = (known: string, left: number, p: number): void => {
    if (left === 0) return close(out, known, p);
    for (const [reply, w] of normal(STEPS[known] as Distribution)) {
      const [, followUp] = reply.split('Follow up: ');
      if (followUp === undefined) add(out, reply, p * w);
      else for (const [a, pa] of part(followUp)) visit(`${known} ${a}`.trim(), left - 1, p * w * pa);
    }
  };
  visit('', steps, 1);
  return out;
}

const PLANS: Distribution = { short: 2, long: 3 };
const BY_PLAN: { readonly [plan: string]: Distribution } = { short: { x: 4, y: 1 }, long: { x: 1, y: 2, z: 1 } };
const planner = enumerable({
  name: 'planner',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    if (asked.endsWith('Reply with the plan only.')) return PLANS;
    const plan = /Plan:\n(.*)\n/.exec(asked)?.[1];
    return plan === undefined ? { lost: 1 } : (BY_PLAN[plan] ?? { lost: 1 });
  },
});
function planned(): P {
  const out = new Map<string, number>();
  for (const [plan, p] of normal(PLANS)) for (const [y, w] of normal(BY_PLAN[plan] as Distribution)) add(out, y, p * w);
  return out;
}

const OUTLINES: Distribution = { '1. one\n2. two': 2, '1. one': 1 };
const POINTS: { readonly [point: string]: Distribution } = { one: { k: 1, l: 2 }, two: { m: 3, n: 1 } };
const outliner = enumerable({
  name: 'outliner',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    if (isOutline(asked)) return OUTLINES;
    return POINTS[/without its number: \d\. (.*)$/.exec(asked)?.[1] ?? ''] ?? { lost: 1 };
  },
});
function expanded(): P {
  const out = new Map<string, number>();
  for (const [y, p] of normal(POINTS['one'] as Distribution)) {
    add(out, `1. ${y}`, p / 3);
    for (const [z, q] of normal(POINTS['two'] as Distribution)) add(out, `1. ${y}\n\n2. ${z}`, (2 / 3) * p * q);
  }
  return out;
}

const law = (technique: string, law: string, model: Model, expected: ExactLaw['expected']): ExactLaw => ({
  technique,
  law,
  model,
  expected,
  holds: true,
});

export const decompose: LawSet = {
  subjects: {
    leastToMost: { transform: leastToMost(), answers: takesApart, preparation: 4 },
    'leastToMost with a decomposer': {
      transform: (base) => leastToMost({ most: 3, decomposer: reRead()(base) })(base),
      answers: takesApart,
      preparation: 3,
    },
    selfAsk: { transform: selfAsk({ steps: 2 }), answers: takesApart, preparation: 4 },
    'selfAsk with an answerer': {
      transform: (base) => selfAsk({ steps: 2, answerer: reRead()(base) })(base),
      answers: takesApart,
      preparation: 4,
    },
    planAndSolve: { transform: planAndSolve(), preparation: 1 },
    'planAndSolve in one': planAndSolve({ apart: false }),
    decomposedPrompting: { transform: decomposedPrompting(), answers: takesApart, preparation: 4 },
    'decomposedPrompting with a handler': {
      transform: (base) => decomposedPrompting({ handlers: [reRead()(base)], tags: 'reader' })(base),
      answers: takesApart,
      preparation: 4,
    },
    skeletonOfThought: { transform: skeletonOfThought(), answers: takesApart, preparation: 1 },
    easyFirst: { transform: easyFirst({ n: 2, most: 3 }), answers: takesApart, preparation: 13 },
  },
  exact: [
    law('leastToMost', 'parts in turn, each in view of the ones before', leastToMost()(solver(LISTS)), inTurn),
    law('decomposedPrompting', 'a part sees what it refers to', decomposedPrompting()(solver(SPREAD)), byReference),
    law('easyFirst', 'the surest of two parts first, 2 draws', easyFirst({ n: 2 })(solver(PAIR)), () => surestFirst(2)),
    law('easyFirst', 'the surest of two parts first, 3 draws', easyFirst({ n: 3 })(solver(PAIR)), () => surestFirst(3)),
    law('selfAsk', 'follow-ups until the answer, 1 at most', selfAsk({ steps: 1 })(asker), () => followed(1)),
    law('selfAsk', 'follow-ups until the answer, 2 at most', selfAsk({ steps: 2 })(asker), () => followed(2)),
    law('planAndSolve', 'plans summed over', planAndSolve()(planner), planned),
    law('skeletonOfThought', 'points are independent given the skeleton', skeletonOfThought()(outliner), expanded),
  ],
  mutants: [
    {
      bug: 'what is known is not in view of the next part',
      file: 'decompose/least-to-most/least-to-most.ts',
      from: 'known: shown(known)',
      to: "known: ''",
    },
    {
      bug: 'references are left unfilled',
      file: 'decompose/shared/parts.ts',
      from: 'inSentence(answers[Number(number) - 1])',
      to: 'inSentence(answers[Number(number)])',
    },
    {
      bug: 'the least sure part is fixed first',
      file: 'decompose/easy-first/easy-first.ts',
      from: 'next.share > top.share',
      to: 'next.share < top.share',
    },
    {
      bug: 'of parts equally sure the last is fixed first',
      file: 'decompose/easy-first/easy-first.ts',
      from: 'next.share > top.share',
      to: 'next.share >= top.share',
    },
    {
      bug: 'one follow-up too many',
      file: 'decompose/self-ask/self-ask.ts',
      from: 'known.length < steps',
      to: 'known.length <= steps',
    },
    {
      bug: 'the plan is forgotten',
      file: 'decompose/plan-and-solve/plan-and-solve.ts',
      from: 'solving.say({ ...asked, plan })',
      to: "solving.say({ ...asked, plan: '' })",
    },
    {
      bug: 'every point is the first point',
      file: 'decompose/skeleton-of-thought/skeleton-of-thought.ts',
      from: 'point: `${i + 1}. ${point}`',
      to: 'point: `1. ${points[0]}`',
    },
    {
      bug: 'a part is asked before the answer it refers to',
      file: 'decompose/decomposed-prompting/decomposed-prompting.ts',
      from: 'for (const at of referencesOf(asIs, i))',
      to: 'for (const at of referencesOf(asIs, 0))',
    },
  ],
};
