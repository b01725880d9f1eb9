/** Laws of recipes. */
import {
  questionOf,
  scorer,
  textOf,
  type Message,
  type Model,
  type Sampled,
  type Transform,
} from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import {
  autoMix,
  deepResearch,
  fusion,
  lats,
  mixtureOfAgents,
  reflexion,
  selfDiscover,
  type Page,
} from '../../src/recipes/index.ts';
import { reRead } from '../../src/rephrase/index.ts';
import { add, finite, normal, type ExactLaw, type LawSet, type P } from './form.ts';

/** A base that answers what recipes ask it, in the form they ask for and now and then in none. */
export function knowsItsPart(prompt: readonly Message[]): Distribution {
  const asked = questionOf(prompt);
  let mixed = 7;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 31) + char.charCodeAt(0)) >>> 0;
  if (asked.includes('yes or no')) return { yes: 3 + (mixed % 2), no: 2, perhaps: 1 };
  if (asked.includes('Best: A')) return { 'Best: A': 2, 'Best: B': 3, 'Best: C': 1 + (mixed % 2), 'I cannot say.': 1 };
  if (asked.includes('search queries')) return { '1. one\n2. two\n3. three': 3, '1. one': 1 + (mixed % 2), DONE: 1 };
  if (asked.includes('from these notes')) return { 'So [1].': 2 + (mixed % 2), 'So [2, 1] and [9].': 1, 'So.': 1 };
  if (asked.includes('next thought')) return { 'First this.': 2 + (mixed % 2), 'Final answer: 4': 1 + (mixed % 3) };
  if (asked.includes('number from 0')) return { '10': 1, '7': 2 + (mixed % 2), '2': 2, none: 1 };
  return { '4': 5 + (mixed % 4), '5': 3 + (mixed % 3), '22': 1 + (mixed % 2) };
}

const find = (query: string): readonly Page[] => [
  { url: `https://${query}.example/`, title: query, text: `All of ${query}.` },
  { url: 'https://all.example/', text: 'Everything.' },
];
const grade = scorer('grade', ({ content }) => ['bad', 'fair', 'good'].indexOf(textOf(content)) / 2);
const size = scorer('size', ({ content }) => Number(textOf(content)) / 22);

// Attempts that depend on the reflections in view, and reflections that depend on the attempt.
const ATTEMPTS: { readonly [reflections: string]: Distribution } = {
  '': { bad: 4, fair: 3, good: 1 },
  slow: { bad: 1, fair: 2, good: 2 },
  quick: { bad: 3, fair: 1 },
  'slow slow': { fair: 1, good: 3 },
  'slow quick': { bad: 2, good: 1 },
  'quick slow': { bad: 1, fair: 1 },
  'quick quick': { bad: 5, fair: 1 },
};
const THOUGHTS: { readonly [draft: string]: Distribution } = {
  bad: { slow: 2, quick: 1 },
  fair: { slow: 1, quick: 1 },
};
const VERDICTS: { readonly [draft: string]: Distribution } = {
  bad: { yes: 1, no: 4 },
  fair: { yes: 1, no: 1 },
  good: { yes: 4, no: 1 },
};
const trier = enumerable({
  name: 'trier',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    const before = prompt.findLast(({ role }) => role === 'assistant');
    const draft = before ? textOf(before.content) : '';
    if (before) return (asked.includes('yes or no') ? VERDICTS[draft] : THOUGHTS[draft]) ?? { lost: 1 };
    const reflections = [...asked.matchAll(/^- (.*)$/gm)].map(([, thought]) => thought);
    return ATTEMPTS[reflections.join(' ')] ?? { lost: 1 };
  },
});
/** Every path of attempts and reflections until one is good; the answer is the best attempt, the latest of equals. */
function triedAgain(trials: number): P {
  const out = new Map<string, number>();
  const value = (y: string): number => ['bad', 'fair', 'good'].indexOf(y);
  const visit = (made: readonly string[], thoughts: string, p: number): void => {
    for (const [y, q] of normal(ATTEMPTS[thoughts] as Distribution)) {
      const all = [...made, y];
      if (y === 'good' || all.length === trials) {
        const most = Math.max(...all.map(value));
        add(out, all.findLast((one) => value(one) === most) as string, p * q);
      } else
        for (const [thought, r] of normal(THOUGHTS[y] as Distribution))
          visit(all, `${thoughts} ${thought}`.trim(), p * q * r);
    }
  };
  visit([], '', 1);
  return out;
}
/** The first attempt where the verdict on it is yes; where it is no, the second, whatever is said of that. */
function judgedByItself(): P {
  const out = new Map<string, number>();
  const yes = (y: string): number => normal(VERDICTS[y] as Distribution).get('yes') as number;
  const thoughts = { ...THOUGHTS, good: { slow: 1 } };
  for (const [y, p] of normal(ATTEMPTS[''] as Distribution)) {
    add(out, y, p * yes(y));
    for (const [thought, r] of normal(thoughts[y as keyof typeof thoughts]))
      for (const [z, q] of normal(ATTEMPTS[thought] as Distribution)) add(out, z, p * (1 - yes(y)) * r * q);
  }
  return out;
}
const selfJudge = enumerable({
  name: 'selfJudge',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    const before = prompt.findLast(({ role }) => role === 'assistant');
    const draft = before ? textOf(before.content) : '';
    if (before && !asked.includes('yes or no') && draft === 'good') return { slow: 1 };
    if (before) return (asked.includes('yes or no') ? VERDICTS[draft] : THOUGHTS[draft]) ?? { lost: 1 };
    const reflections = [...asked.matchAll(/^- (.*)$/gm)].map(([, thought]) => thought);
    return ATTEMPTS[reflections.join(' ')] ?? { lost: 1 };
  },
});

// A small model that knows its faults better than chance, and a larger one.
const SMALL: Distribution = { x: 3, y: 2 };
const SURE: { readonly [y: string]: Distribution } = { x: { yes: 3, no: 1 }, y: { yes: 1, no: 2 } };
const LARGE: Distribution = { y: 1, z: 4 };
const small = enumerable({
  name: 'small',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    return asked.includes('yes or no') ? (SURE[/answer:\n(.*)\n/.exec(asked)?.[1] ?? ''] ?? { lost: 1 }) : SMALL;
  },
});
const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
/** Σ_v C(k, v) a^v (1 − a)^(k − v) over the counts of yes that keep an answer. */
function escalated(k: number, keeps: (yes: number) => boolean): P {
  const out = new Map<string, number>();
  let doubted = 0;
  for (const [y, p] of normal(SMALL)) {
    const a = normal(SURE[y] as Distribution).get('yes') as number;
    for (let v = 0; v <= k; v++) {
      const q = p * choose(k, v) * a ** v * (1 - a) ** (k - v);
      if (keeps(v)) add(out, y, q);
      else doubted += q;
    }
  }
  for (const [y, p] of normal(LARGE)) add(out, y, doubted * p);
  return out;
}

// Two models and a judge that leans towards what it sees first.
const ONE: Distribution = { a: 3, b: 1 };
const TWO: Distribution = { a: 1, c: 2 };
const LEANING: { readonly [pair: string]: Distribution } = {
  'a a': { 'Best: A': 1 },
  'a c': { 'Best: A': 3, 'Best: B': 1 },
  'c a': { 'Best: A': 1, 'Best: B': 1 },
  'b a': { 'Best: A': 2, 'Best: B': 3 },
  'a b': { 'Best: A': 1, 'I cannot say.': 1 },
  'b c': { 'Best: B': 1 },
  'c b': { 'Best: A': 5, 'Best: B': 1 },
};
const WRITTEN = (pair: string): Distribution => ({ u: pair.charCodeAt(0) - 90, v: pair.charCodeAt(2) - 95 });
const seen = (asked: string): string => [...asked.matchAll(/^\[[A-Z]\]\n(.*)$/gm)].map(([, text]) => text).join(' ');
const judging = enumerable({
  name: 'judging',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    return asked.includes('Best: A') ? (LEANING[seen(asked)] ?? { lost: 1 }) : WRITTEN(seen(asked));
  },
});
function fused(write: (first: string, second: string, p: number, add: (y: string, p: number) => void) => void): P {
  const out = new Map<string, number>();
  for (const [y, p] of normal(ONE))
    for (const [z, q] of normal(TWO))
      for (const pair of [
        [y, z],
        [z, y],
      ] as const)
        write(...pair, (p * q) / 2, (text, r) => add(out, text, r));
  return out;
}
/** The candidate the letter stands for; where there is none, that of the first model, which is the one that is not c where they differ. */
const picked = (): P =>
  fused((first, second, p, add) => {
    for (const [reply, r] of normal(LEANING[`${first} ${second}`] as Distribution)) {
      const of = { 'Best: A': first, 'Best: B': second }[reply];
      add(of ?? 'b', p * r); // the judge only gives up on a b that stands second, and b is the first model's
    }
  });
const written = (): P =>
  fused((first, second, p, add) => {
    for (const [y, r] of normal(WRITTEN(`${first} ${second}`))) add(y, p * r);
  });

// Proposals that depend on those of the layer before.
const agent = (name: string, first: Distribution): Model =>
  enumerable({
    name,
    answers: (prompt) => {
      const pair = seen(questionOf(prompt));
      return pair === '' ? first : { a: pair.charCodeAt(0) - 90, c: pair.charCodeAt(2) - 90, [name]: 2 };
    },
  });
function layered(layers: number): P {
  const given = (name: string, pair: string): P =>
    normal({ a: pair.charCodeAt(0) - 90, c: pair.charCodeAt(2) - 90, [name]: 2 });
  let pairs = new Map<string, number>();
  for (const [y, p] of normal(ONE)) for (const [z, q] of normal(TWO)) add(pairs, `${y} ${z}`, p * q);
  for (let layer = 1; layer < layers; layer++) {
    const next = new Map<string, number>();
    for (const [pair, r] of pairs)
      for (const [y, p] of given('m', pair)) for (const [z, q] of given('n', pair)) add(next, `${y} ${z}`, r * p * q);
    pairs = next;
  }
  const out = new Map<string, number>();
  for (const [pair, r] of pairs) for (const [y, p] of given('m', pair)) add(out, y, r * p);
  return out;
}

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

// One query or two, a note on the pages of each, an answer that depends on the notes, and what is cited by it.
const NOTES: { readonly [query: string]: Distribution } = { one: { k: 1, l: 2 }, two: { m: 3, n: 1 } };
const TEXTS = (notes: string): Distribution => ({ [`${notes} [1]`]: 1, [`${notes} [2][1]`]: 3 });
const reader = enumerable({
  name: 'reader',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    if (asked.includes('search queries')) return { '1. one\n2. two': 2, 'Of no use.': 1 };
    if (asked.includes('[4]')) return { lost: 1 }; // three pages are found, one of them twice
    if (asked.includes('from these notes'))
      return TEXTS((/Notes:\n([\s\S]*)\n\nPages/.exec(asked)?.[1] ?? '').replaceAll('\n', ''));
    return NOTES[/Pages found for "(.*?)"/.exec(asked)?.[1] === 'two' ? 'two' : 'one'] ?? { lost: 1 };
  },
});
const withSources = ({ samples }: Sampled): string =>
  (samples[0]?.content ?? [])
    .map((part) => ('text' in part ? part.text : 'url' in part ? part.url : part.type))
    .join(' ');
function researched(): P {
  const out = new Map<string, number>();
  const close = (notes: string, first: string, p: number): void => {
    for (const [text, q] of normal(TEXTS(notes))) {
      const pages = [`https://${first}.example/`, 'https://all.example/'];
      add(out, [text, ...(text.endsWith('[2][1]') ? pages.toReversed() : pages.slice(0, 1))].join(' '), p * q);
    }
  };
  for (const [k, p] of normal(NOTES['one'] as Distribution)) {
    close(k, 'question', p / 3); // no list of queries: the question itself is searched for
    for (const [m, q] of normal(NOTES['two'] as Distribution)) close(k + m, 'one', (2 / 3) * p * q);
  }
  return out;
}

// Thoughts that may end at once, depend on the lessons in view, and are worth what they say.
const NEXT: { readonly [steps_lessons: string]: Distribution } = {
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
const thinker = enumerable({
  name: 'thinker',
  answers: (prompt) => {
    const asked = questionOf(prompt);
    const steps = /Thoughts (?:so far|on it):\n([\s\S]*?)\n\n/.exec(asked)?.[1] ?? '';
    if (asked.includes('next thought'))
      return NEXT[`${steps} ${asked.includes('- avoid') ? 'avoid' : ''}`] ?? { lost: 1 };
    return asked.includes('went wrong') ? { avoid: 1 } : { [steps.split('\n').at(-1) as string]: 1 };
  },
});
/**
 * One thought at a time, two steps. The first is an end that is not good enough, and nothing is left to go on from; or it
 * goes on, and the second is an end. What is reflected on after an end comes too late to be of use in a line.
 */
function inLine(): P {
  const out = new Map<string, number>();
  for (const [first, p] of normal(NEXT[' '] as Distribution))
    if (first === 'on') for (const [second, q] of normal(NEXT['on '] as Distribution)) add(out, second, p * q);
    else add(out, first, p);
  return out;
}
/**
 * Two thoughts at each, two steps: after a bad end a lesson is in view where the search goes on, from the first `on`. Of
 * two ends the better is the answer.
 */
function inTwos(): P {
  const out = new Map<string, number>();
  const better = (ends: readonly string[]): string =>
    ends.reduce((top, next) => ((WORTH[next] as number) > (WORTH[top] as number) ? next : top));
  const start = [...normal(NEXT[' '] as Distribution)];
  for (const [a, p] of start)
    for (const [b, q] of start) {
      const ends = [a, b].filter((one) => one !== 'on');
      if (ends.length === 2) {
        add(out, better(ends), p * q);
        continue;
      }
      const then = [...normal(NEXT[ends.length === 1 ? 'on avoid' : 'on '] as Distribution)];
      for (const [c, r] of then) for (const [d, s] of then) add(out, better([...ends, c, d]), p * q * r * s);
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
const panel: Transform = (base) => fusion([base, reRead()(base), base]);
const POSTERIOR = {
  decide: 'posterior',
  prior: 0.5,
  yesWhenRight: 0.8,
  yesWhenWrong: 0.3,
  largerRight: 0.75,
  price: 0,
} as const;

export const recipes: LawSet = {
  subjects: {
    reflexion: { transform: reflexion(), answers: knowsItsPart },
    'reflexion with an evaluator': reflexion({ trials: 3, evaluate: size, threshold: 0.9, memory: 1 }),
    autoMix: { transform: (base) => autoMix([base, reRead()(base)]), answers: knowsItsPart },
    'autoMix of three, by the posterior': {
      transform: (base) => autoMix([base, reRead()(base), base], { k: 2, decide: 'posterior' }),
      answers: knowsItsPart,
    },
    fusion: panel,
    'fusion that picks': {
      transform: (base) => fusion([base, reRead()(base), base], { mode: 'pick', judge: reRead()(base) }),
      answers: knowsItsPart,
    },
    'fusion with a quorum that everybody meets': (base) =>
      fusion([base, reRead()(base), base], { quorum: 2, graceMs: 60_000 }),
    mixtureOfAgents: (base) => mixtureOfAgents([base, reRead()(base)], { aggregator: reRead()(base) }),
    lats: { transform: lats({ n: 3, width: 2, depth: 3 }), answers: knowsItsPart, preparation: 15 },
    'lats with a scorer': {
      transform: lats({ n: 3, width: 2, depth: 2, score: size, memory: 1 }),
      answers: knowsItsPart,
      preparation: 9,
    },
    selfDiscover: { transform: selfDiscover(), preparation: 3 },
    deepResearch: {
      transform: deepResearch({ search: find, queries: 2 }),
      answers: knowsItsPart,
      preparation: 6,
      scope: { functions: { find } },
    },
  },
  exact: [
    law('reflexion', 'the best of 3 attempts, the latest of equals', reflexion({ evaluate: grade })(trier), () =>
      triedAgain(3),
    ),
    law('reflexion', 'the last of 2 where it says no to itself', reflexion({ trials: 2 })(selfJudge), judgedByItself),
    law('autoMix', 'kept by 2 of 3 verdicts', autoMix([small, finite(LARGE)], { k: 3 }), () =>
      escalated(3, (v) => v >= 2),
    ),
    law('autoMix', 'kept by 1 of 2 verdicts', autoMix([small, finite(LARGE)], { k: 2 }), () =>
      escalated(2, (v) => v >= 1),
    ),
    law('autoMix', 'kept by the posterior of 3 verdicts', autoMix([small, finite(LARGE)], { k: 3, ...POSTERIOR }), () =>
      escalated(3, (v) => (8 / 3) ** v * (2 / 7) ** (3 - v) >= 3),
    ),
    law(
      'fusion',
      'a candidate picked by the letter it stands under',
      fusion([finite(ONE), finite(TWO)], { mode: 'pick', judge: judging }),
      picked,
    ),
    law('fusion', 'an answer written from both', fusion([finite(ONE), finite(TWO)], { judge: judging }), written),
    law('mixtureOfAgents', '1 layer', mixtureOfAgents([agent('m', ONE), agent('n', TWO)], { layers: 1 }), () =>
      layered(1),
    ),
    law('mixtureOfAgents', '2 layers', mixtureOfAgents([agent('m', ONE), agent('n', TWO)]), () => layered(2)),
    law('lats', 'thoughts in a line', lats({ n: 2, width: 1, depth: 2, score: worth })(thinker), inLine),
    law('lats', 'a lesson after a bad end', lats({ n: 2, width: 2, depth: 2, score: worth })(thinker), inTwos),
    law('selfDiscover', 'a chain of four', selfDiscover()(composer), chained),
    {
      ...law(
        'deepResearch',
        'notes on what is found, cited in order',
        deepResearch({ search: find, rounds: 1 })(reader),
        researched,
      ),
      outcome: withSources,
    },
  ],
  mutants: [
    {
      bug: 'the first of equal attempts is kept',
      file: 'recipes/reflexion/reflexion.ts',
      from: 'score >= best.score',
      to: 'score > best.score',
    },
    {
      bug: 'reflections are forgotten',
      file: 'recipes/reflexion/reflexion.ts',
      from: 'kept.length === 0',
      to: 'kept.length >= 0',
    },
    {
      bug: 'an answer that is just good enough is escalated',
      file: 'recipes/auto-mix/auto-mix.ts',
      from: 'yes / count >= threshold',
      to: 'yes / count > threshold',
    },
    {
      bug: 'one verification less',
      file: 'recipes/auto-mix/auto-mix.ts',
      from: 'n: k };',
      to: 'n: Math.max(1, k - 1) };',
    },
    {
      bug: 'the judge sees the models in their order',
      file: 'recipes/fusion/fusion.ts',
      from: 'shuffled(panel,',
      to: '[...panel]; void (shuffled,',
    },
    {
      bug: 'the letter is read in the order of the models',
      file: 'recipes/fusion/fusion.ts',
      from: 'order[at ?? order.indexOf(first)]',
      to: 'panel[at ?? 0]',
    },
    {
      bug: 'only the first proposal of a layer is shown',
      file: 'recipes/mixture-of-agents/mixture-of-agents.ts',
      from: 'proposals = made;',
      to: 'proposals = made.slice(0, 1);',
    },
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
    {
      bug: 'the structure is left out',
      file: 'recipes/self-discover/self-discover.ts',
      from: 'solving.say({ ...asked, structure })',
      to: "solving.say({ ...asked, structure: 'select' })",
    },
    {
      bug: 'a page that is found twice gets two numbers',
      file: 'recipes/deep-research/sources.ts',
      from: 'at === -1 ?',
      to: 'at < 100 ?',
    },
  ],
};
