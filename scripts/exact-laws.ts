/**
 * The closed form of every technique's distribution, written down without the technique's code, and the model it is
 * compared with. `exact.test.ts` asserts them, `laws.ts` prints them, the mutant suite runs them over broken copies.
 */
import { plus, questionOf, scorer, textOf, type Message, type Model } from '../src/core/index.ts';
import { selfRefine } from '../src/iterate/index.ts';
import type { Distribution } from '../src/models/written/enumerable.ts';
import { enumerable } from '../src/models/written/enumerable.ts';
import { rephraseAndRespond, reRead, stepBack } from '../src/rephrase/index.ts';
import { ANSWER as IN_LIGHT, STEP_BACK } from '../src/rephrase/step-back/step-back.ts';
import { REPHRASE, RESPOND } from '../src/rephrase/rephrase-and-respond/rephrase-and-respond.ts';
import { bestOfN, mixture, rejection, selfConsistency, softBestOfN } from '../src/search/index.ts';
import { exact } from '../src/testing/laws/exact.ts';
import { add, finite, normal, type ExactLaw, type LawSet, type P } from './laws/form.ts';
import * as rooms from './laws/index.ts';

// Answers with a tie in score between b and d; e scores nothing a comparison can use.
const SCORED: Distribution = { a: 3, b: 2, c: 1.5, d: 1, e: 0.5 };
const SCORES: { readonly [y: string]: number } = { a: 1, b: 2, c: 0, d: 2, e: Number.NaN };
const score = scorer('score', ({ content }) => SCORES[textOf(content)] ?? Number.NaN);
const RANKED: Distribution = { a: 4, b: 3, c: 2, d: 1 };
const rank = scorer('rank', ({ content }) => 'cadb'.indexOf(textOf(content)));

/** P(y | s(y)) (F(s(y))^n − F(s(y)⁻)^n); what has no score stands below every number. */
function bestOf(p: P, n: number, scoreOf: (y: string) => number): P {
  const value = (y: string): number => (Number.isNaN(scoreOf(y)) ? -Infinity : scoreOf(y));
  const mass = (test: (s: number) => boolean): number =>
    [...p].reduce((sum, [y, q]) => (test(value(y)) ? sum + q : sum), 0);
  return new Map(
    [...p].map(([y, q]) => {
      const s = value(y);
      return [y, (q / mass((t) => t === s)) * (mass((t) => t <= s) ** n - mass((t) => t < s) ** n)];
    }),
  );
}

/** Accepted at the first of n draws that scores t or more; with none, the best of what was drawn. */
function accepted(p: P, n: number, t: number, scoreOf: (y: string) => number): P {
  const good = (y: string): boolean => scoreOf(y) >= t;
  const a = [...p].reduce((sum, [y, q]) => (good(y) ? sum + q : sum), 0);
  const best = bestOf(p, n, scoreOf);
  return new Map([...p].map(([y, q]) => [y, good(y) ? (q / a) * (1 - (1 - a) ** n) : (best.get(y) as number)]));
}

/** Every sequence of n draws, one of them picked by e^(s/τ); no score weighs nothing unless nothing has one. */
function resampled(p: P, n: number, tau: number, scoreOf: (y: string) => number): P {
  const out = new Map<string, number>();
  const visit = (drawn: readonly string[], probability: number): void => {
    if (drawn.length < n) {
      for (const [y, q] of p) visit([...drawn, y], probability * q);
      return;
    }
    const scored = drawn.some((y) => !Number.isNaN(scoreOf(y)));
    const weights = drawn.map((y) => (!scored ? 1 : Number.isNaN(scoreOf(y)) ? 0 : Math.exp(scoreOf(y) / tau)));
    const total = weights.reduce((sum, w) => sum + w, 0);
    drawn.forEach((y, i) => add(out, y, (probability * (weights[i] as number)) / total));
  };
  visit([], 1);
  return out;
}

// Several texts to an answer, and one text without any.
const TEXTS: Distribution = { 'The answer is 7.': 3, '\\boxed{7}': 1, 'Answer: 8': 2.5, '9': 1.5, 'No\nidea': 2 };
const ANSWER: { readonly [text: string]: string | null } = {
  'The answer is 7.': '7',
  '\\boxed{7}': '7',
  'Answer: 8': '8',
  '9': '9',
  'No\nidea': null,
};
const FEWER: Distribution = { 'The answer is 7.': 4, 'Answer: 8': 3, 'No\nidea': 2 };
const same = (y: string): string => y;

/**
 * Votes as a multinomial: among equal leaders each is as likely as the others to have come first, and the text kept
 * is a draw from P given its answer.
 */
function majority(p: P, n: number, answerOf: (text: string) => string | null = same): P {
  const classes = new Map<string | null, number>();
  for (const [y, q] of p) classes.set(answerOf(y), (classes.get(answerOf(y)) ?? 0) + q);
  const names = [...classes.keys()];
  const wins = new Map<string | null, number>();
  const visit = (i: number, left: number, probability: number, counts: readonly number[]): void => {
    if (i === names.length - 1) {
      const all = [...counts, left];
      const weight = probability * (classes.get(names[i] as string) as number) ** left; // one way to place the rest
      const top = Math.max(0, ...all.filter((_, k) => names[k] !== null));
      const leaders = names.filter((name, k) => (top === 0 ? name === null : name !== null && all[k] === top));
      for (const name of leaders) wins.set(name, (wins.get(name) ?? 0) + weight / leaders.length);
      return;
    }
    for (let c = 0, ways = 1; c <= left; ways = (ways * (left - c)) / (c + 1), c++)
      visit(i + 1, left - c, probability * ways * (classes.get(names[i] as string) as number) ** c, [...counts, c]);
  };
  visit(0, n, 1, []);
  return new Map(
    [...p].map(([y, q]) => [y, (q / (classes.get(answerOf(y)) as number)) * (wins.get(answerOf(y)) ?? 0)]),
  );
}

/** Votes drawn one by one and counted by hand: for stop rules and weights, which no multinomial describes. */
function sequential(
  p: P,
  n: number,
  {
    answerOf = same,
    stops = () => false,
    weigh = () => 1,
    show = same,
  }: {
    answerOf?: (text: string) => string | null;
    stops?: (texts: readonly string[]) => boolean;
    weigh?: (text: string) => number;
    show?: (text: string, votes: number) => string;
  },
): P {
  const out = new Map<string, number>();
  const visit = (texts: readonly string[], probability: number): void => {
    if (texts.length < n && !(texts.length > 0 && stops(texts))) {
      for (const [y, q] of p) visit([...texts, y], probability * q);
      return;
    }
    let best = texts[0] as string;
    let most = -1;
    for (const text of texts) {
      const answer = answerOf(text);
      if (answer === null) continue;
      let weight = 0;
      for (const other of texts) if (answerOf(other) === answer) weight += weigh(other);
      if (weight > most + 1e-12) [best, most] = [text, weight];
    }
    add(out, show(best, texts.length), probability);
  };
  visit([], 1);
  return out;
}

/** P(Beta(v1+1, v2+1) > ½) by counting coin tosses: at least v2+1 heads in v1+v2+1. */
export function coinTosses(v1: number, v2: number): number {
  const tosses = v1 + v2 + 1;
  let ways = 1n;
  let tail = 0n;
  for (let heads = 0; heads <= tosses; heads++) {
    if (heads > v2) tail += ways;
    ways = (ways * BigInt(tosses - heads)) / BigInt(heads + 1);
  }
  return Number((tail * 10n ** 30n) / 2n ** BigInt(tosses)) / 1e30;
}

const settled =
  (threshold: number, answerOf: (text: string) => string | null = same) =>
  (texts: readonly string[]): boolean => {
    const counts: { [answer: string]: number } = {};
    for (const text of texts) counts[String(answerOf(text))] = (counts[String(answerOf(text))] ?? 0) + 1;
    const [v1 = 0, v2 = 0] = Object.values(counts).toSorted((a, b) => b - a);
    return coinTosses(v1, v2) >= threshold;
  };
const agreed =
  (window: number, answerOf: (text: string) => string | null = same) =>
  (texts: readonly string[]): boolean => {
    const last = new Set(texts.slice(texts.length - window).map(answerOf));
    return texts.length % window === 0 && last.size === 1 && !last.has(null);
  };

// A base that drafts, criticizes and revises: what it says depends on the last draft and the last critique.
const DRAFT: Distribution = { bad: 5, fair: 3, good: 2 };
const FAULTS: { readonly [draft: string]: Distribution } = {
  bad: { wrong: 6, unclear: 3, 'NOTHING TO FIX': 1 },
  fair: { unclear: 4, 'NOTHING TO FIX': 6 },
  good: { wrong: 1, 'NOTHING TO FIX': 9 },
};
const REVISIONS: { readonly [draft_fault: string]: Distribution } = {
  'bad wrong': { bad: 2, fair: 5, good: 3 },
  'bad unclear': { bad: 4, fair: 6 },
  'fair unclear': { fair: 3, good: 7 },
  'good wrong': { bad: 1, good: 9 },
  'bad NOTHING TO FIX': { bad: 1 },
  'fair NOTHING TO FIX': { fair: 8, bad: 2 },
  'good NOTHING TO FIX': { good: 1 },
};
function refiner(draft: (question: string) => Distribution = () => DRAFT): Model {
  return enumerable({
    name: 'writer',
    answers: (prompt: readonly Message[]) => {
      const asked = questionOf(prompt);
      const before = prompt.findLast(({ role }) => role === 'assistant');
      if (!before) return draft(asked);
      const last = textOf(before.content);
      const critique = /^Critique of your last answer:\n(.*)\n/.exec(asked)?.[1];
      return (critique === undefined ? FAULTS[last] : REVISIONS[`${last} ${critique}`]) ?? { lost: 1 };
    },
  });
}
/** v ← v(y) [stop | y] + Σ v(y) P(f | y) P(y' | y, f), as many times as there are rounds. */
function refined(drafts: P, rounds: number, verdict = true): P {
  let live = new Map(drafts);
  const out = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const next = new Map<string, number>();
    for (const [y, v] of live)
      for (const [fault, f] of normal(FAULTS[y] as Distribution))
        if (verdict && fault === 'NOTHING TO FIX') add(out, y, v * f);
        else for (const [z, r] of normal(REVISIONS[`${y} ${fault}`] as Distribution)) add(next, z, v * f * r);
    live = next;
  }
  for (const [y, v] of live) add(out, y, v);
  return out;
}

const ONCE: Distribution = { x: 1, y: 3 };
const TWICE: Distribution = { x: 2, y: 1 };
const reader = enumerable({
  name: 'reader',
  answers: { question: ONCE, 'question\nRead the question again: question': TWICE },
});
// A question with two rephrasings, each with answers of its own.
const REPHRASED: { readonly [r: string]: Distribution } = { plain: { x: 4, y: 1 }, odd: { x: 1, z: 2 } };
const rephraser = enumerable({
  answers: {
    [REPHRASE({ question: 'question' })]: { plain: 3, odd: 1 },
    ...Object.fromEntries(
      Object.entries(REPHRASED).map(([r, answers]) => [RESPOND({ question: 'question', rephrased: r }), answers]),
    ),
  },
});
// A more general question of two, each with two answers, and what is answered in the light of each.
const LIGHT: { readonly [general: string]: { readonly [principle: string]: Distribution } } = {
  law: { strict: { x: 5, y: 1 }, loose: { x: 1, y: 1 } },
  fact: { known: { x: 2, z: 1 }, unknown: { z: 1 } },
};
const GENERAL: Distribution = { law: 2, fact: 3 };
const PRINCIPLES: { readonly [general: string]: Distribution } = {
  law: { strict: 1, loose: 3 },
  fact: { known: 2, unknown: 1 },
};
const thoughtful = enumerable({
  answers: {
    [STEP_BACK({ question: 'question' })]: GENERAL,
    ...PRINCIPLES,
    ...Object.fromEntries(
      Object.entries(LIGHT).flatMap(([general, principles]) =>
        Object.entries(principles).map(([principle, answers]) => [
          IN_LIGHT({ question: 'question', general, principle }),
          answers,
        ]),
      ),
    ),
  },
});

const quality = scorer('quality', ({ content }) => ['bad', 'fair', 'good'].indexOf(textOf(content)));
const grade = (y: string): number => ['bad', 'fair', 'good'].indexOf(y);
const AFTER_READING: Distribution = { bad: 1, fair: 2, good: 1 };
const careful = refiner((question) => (question.includes('Read the question again') ? AFTER_READING : DRAFT));

const base = finite(SCORED);
const ranked = finite(RANKED);
const short = finite({ a: 4, b: 3, c: 2 });
const texts = finite(TEXTS);
const fewer = finite(FEWER);
const answerOf = (text: string): string | null => ANSWER[text] ?? null;
const wide = (model: Model): Model => ({ ...model, can: { ...model.can, concurrency: Infinity } });
const sharp: Distribution = { a: 8, b: 1.5, c: 0.5 };
const confidence = (text: string): number => (normal(RANKED).get(text) as number) ** (1 / text.length);

const holds = (technique: string, law: string, model: Model, expected: ExactLaw['expected']): ExactLaw => ({
  technique,
  law,
  model,
  expected,
  holds: true,
});
const equal = (technique: string, law: string, model: Model, other: Model): ExactLaw =>
  holds(technique, law, model, () => exact(other));
const differs = (technique: string, law: string, model: Model, other: Model): ExactLaw => ({
  ...equal(technique, law, model, other),
  holds: false,
});

export const BASICS: readonly ExactLaw[] = [
  ...[1, 2, 3, 4].map((n) =>
    holds('bestOfN', `n=${n}: P(y|s)(F^n - F-^n), ties and no score`, plus(base, bestOfN({ n, score })), () =>
      bestOf(normal(SCORED), n, (y) => SCORES[y] as number),
    ),
  ),
  ...[1, 2, 3, 4, 5].map((n) =>
    holds('selfConsistency', `n=${n}: multinomial majority`, plus(base, selfConsistency({ n })), () =>
      majority(normal(SCORED), n),
    ),
  ),
  ...[1, 2, 3, 4, 5].map((n) =>
    holds('selfConsistency', `n=${n}: with texts that abstain`, plus(texts, selfConsistency({ n })), () =>
      majority(normal(TEXTS), n, answerOf),
    ),
  ),
  ...(
    [
      [5, 0.8],
      [5, 0.875], // two votes for one answer are exactly as sure as that
      [5, 0.9],
      [7, 0.95],
    ] as const
  ).map(([n, threshold]) =>
    holds(
      'selfConsistency',
      `adaptive n=${n} threshold=${threshold}`,
      plus(finite(sharp), selfConsistency({ n, stop: 'adaptive', threshold })),
      () => sequential(normal(sharp), n, { stops: settled(threshold) }),
    ),
  ),
  {
    ...holds(
      'selfConsistency',
      'adaptive n=7, answer and number of votes',
      plus(finite({ a: 3, b: 3, c: 2 }), selfConsistency({ n: 7, stop: 'adaptive', threshold: 0.8 })),
      () =>
        sequential(normal({ a: 3, b: 3, c: 2 }), 7, { stops: settled(0.8), show: (y, votes) => `${y} of ${votes}` }),
    ),
    outcome: ({ samples: [sample] }) =>
      `${sample?.answer} of ${JSON.stringify(sample?.providerMetadata?.plusx?.samples)}`,
  },
  holds(
    'selfConsistency',
    'adaptive n=6, abstaining is a class',
    plus(fewer, selfConsistency({ n: 6, stop: 'adaptive', threshold: 0.8 })),
    () => sequential(normal(FEWER), 6, { answerOf, stops: settled(0.8, answerOf) }),
  ),
  holds(
    'selfConsistency',
    'adaptive n=5, all in flight',
    plus(wide(finite(sharp)), selfConsistency({ n: 5, stop: 'adaptive', threshold: 0.9 })),
    () => sequential(normal(sharp), 5, { stops: settled(0.9) }),
  ),
  ...[2, 3].map((window) =>
    holds(
      'selfConsistency',
      `window=${window} n=6, with texts that abstain`,
      plus(fewer, selfConsistency({ n: 6, stop: 'window', window })),
      () => sequential(normal(FEWER), 6, { answerOf, stops: agreed(window, answerOf) }),
    ),
  ),
  holds('selfConsistency', 'n=4 weighed by logprob', plus(ranked, selfConsistency({ n: 4, weights: 'logprob' })), () =>
    sequential(normal(RANKED), 4, { weigh: confidence }),
  ),
  holds(
    'selfConsistency',
    'n=4 weighed by score',
    plus(ranked, selfConsistency({ n: 4, weights: 'score', score: rank })),
    () => sequential(normal(RANKED), 4, { weigh: (y) => 'cadb'.indexOf(y) }),
  ),
  ...[1, 2, 3].map((rounds) =>
    holds('selfRefine', `rounds=${rounds}: absorbed by the verdict`, plus(refiner(), selfRefine({ rounds })), () =>
      refined(normal(DRAFT), rounds),
    ),
  ),
  holds('selfRefine', 'rounds=2 without a verdict', plus(refiner(), selfRefine({ stop: 'never' })), () =>
    refined(normal(DRAFT), 2, false),
  ),
  holds('reRead', 'P(y | question twice)', plus(reader, reRead()), () => normal(TWICE)),
  holds('rephraseAndRespond', 'sum over r of P(r|x) P(y|x,r)', plus(rephraser, rephraseAndRespond()), () => {
    const out = new Map<string, number>();
    for (const [r, q] of normal({ plain: 3, odd: 1 }))
      for (const [y, w] of normal(REPHRASED[r] as Distribution)) add(out, y, q * w);
    return out;
  }),
  holds('stepBack', 'sum over q, a of P(q|x) P(a|q) P(y|x,q,a)', plus(thoughtful, stepBack()), () => {
    const out = new Map<string, number>();
    for (const [general, q] of normal(GENERAL))
      for (const [principle, a] of normal(PRINCIPLES[general] as Distribution))
        for (const [y, w] of normal(LIGHT[general]?.[principle] as Distribution)) add(out, y, q * a * w);
    return out;
  }),
  ...(
    [
      [1, 2],
      [3, 2],
      [4, 1],
      [3, 9],
    ] as const
  ).map(([n, threshold]) =>
    holds('rejection', `n=${n} threshold=${threshold}`, plus(base, rejection({ n, threshold, score })), () =>
      accepted(normal(SCORED), n, threshold, (y) => SCORES[y] as number),
    ),
  ),
  holds(
    'rejection',
    'n=3, two in flight',
    plus(wide(base), rejection({ n: 3, threshold: 2, parallel: 2, score })),
    () => accepted(normal(SCORED), 3, 2, (y) => SCORES[y] as number),
  ),
  ...(
    [
      [1, 1],
      [3, 0.7],
      [4, 5],
    ] as const
  ).map(([n, temperature]) =>
    holds('softBestOfN', `n=${n} temperature=${temperature}`, plus(base, softBestOfN({ n, temperature, score })), () =>
      resampled(normal(SCORED), n, temperature, (y) => SCORES[y] as number),
    ),
  ),
  holds('mixture', 'sum w_i P_i', mixture([base, ranked, finite(sharp)], { weights: [1, 2.5, 0.5] }), () => {
    const out = new Map<string, number>();
    for (const [p, w] of [
      [SCORED, 1],
      [RANKED, 2.5],
      [sharp, 0.5],
    ] as const)
      for (const [y, q] of normal(p)) add(out, y, (q * w) / 4);
    return out;
  }),
  holds(
    'nested',
    'bestOfN(n=2) over selfRefine',
    plus(refiner(), selfRefine({ rounds: 2 }), bestOfN({ n: 2, score: quality })),
    () => bestOf(refined(normal(DRAFT), 2), 2, grade),
  ),
  holds(
    'nested',
    'vote3(refine(rephrase))',
    plus(careful, reRead(), selfRefine({ rounds: 1, critic: careful }), selfConsistency({ n: 3 })),
    () => majority(refined(normal(AFTER_READING), 1), 3),
  ),
  holds(
    'nested',
    'bestOfN(n=2) over a mixture of a vote and the base',
    plus(mixture([plus(ranked, selfConsistency({ n: 3 })), ranked]), bestOfN({ n: 2, score: rank })),
    () => {
      const [one, three] = [normal(RANKED), majority(normal(RANKED), 3)];
      const half = new Map([...one].map(([y, q]) => [y, (q + (three.get(y) as number)) / 2]));
      return bestOf(half, 2, (y) => 'cadb'.indexOf(y));
    },
  ),
  equal('identity', 'bestOfN(n=1) = base', plus(base, bestOfN({ n: 1, score })), base),
  equal('identity', 'vote_1 = base', plus(texts, selfConsistency({ n: 1 })), texts),
  equal('identity', 'vote_2 = base', plus(base, selfConsistency({ n: 2 })), base),
  equal(
    'identity',
    'adaptive vote_3 = vote_3',
    plus(texts, selfConsistency({ n: 3, stop: 'adaptive' })),
    plus(texts, selfConsistency({ n: 3 })),
  ),
  equal('identity', 'softBestOfN(n=1) = base', plus(base, softBestOfN({ n: 1, score })), base),
  equal(
    'identity',
    'rejection that accepts all = base',
    plus(ranked, rejection({ score: rank, threshold: 0 })),
    ranked,
  ),
  equal(
    'identity',
    'rejection that accepts none = bestOfN',
    plus(base, rejection({ n: 3, threshold: 99, score })),
    plus(base, bestOfN({ n: 3, score })),
  ),
  equal('identity', 'mixture of one = base', mixture([base]), base),
  equal('identity', 'plus(base) = base', plus(base), base),
  equal(
    'identity',
    'bestOfN_2 after bestOfN_3 = bestOfN_6, no ties',
    plus(short, bestOfN({ n: 3, score: rank }), bestOfN({ n: 2, score: rank })),
    plus(short, bestOfN({ n: 6, score: rank })),
  ),
  equal(
    'identity',
    'plus is associative',
    plus(plus(refiner(), selfRefine({ rounds: 1 })), bestOfN({ n: 2, score: quality }), reRead()),
    plus(refiner(), selfRefine({ rounds: 1 }), (model) => plus(model, bestOfN({ n: 2, score: quality }), reRead())),
  ),
  differs(
    'no law',
    'vote_3 of vote_3 is not vote_9',
    plus(finite({ a: 2, b: 1 }), selfConsistency({ n: 3 }), selfConsistency({ n: 3 })),
    plus(finite({ a: 2, b: 1 }), selfConsistency({ n: 9 })),
  ),
  differs(
    'no law',
    'bestOfN and vote do not commute',
    plus(short, bestOfN({ n: 2, score: rank }), selfConsistency({ n: 3 })),
    plus(short, selfConsistency({ n: 3 }), bestOfN({ n: 2, score: rank })),
  ),
  differs(
    'no law',
    'softBestOfN_2 of softBestOfN_2 is not softBestOfN_4',
    plus(short, softBestOfN({ n: 2, score: rank }), softBestOfN({ n: 2, score: rank })),
    plus(short, softBestOfN({ n: 4, score: rank })),
  ),
  differs('no law', 'with abstentions vote_2 is not the base', plus(texts, selfConsistency({ n: 2 })), texts),
];

/** All of them: the ones above, then those of each room. */
export const EXACT_LAWS: readonly ExactLaw[] = [
  ...BASICS,
  ...Object.values(rooms as { readonly [room: string]: LawSet }).flatMap(({ exact: laws }) => laws),
];
