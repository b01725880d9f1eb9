/** The law of a vote: a multinomial majority, and where votes end early or weigh, the votes counted one by one. */
import { judge, plus } from '../../core/index.ts';
import { selfRefine } from '../../iterate/self-refine/self-refine.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { finite, normal, sideBySide, type Distribution } from '../../testing/laws/closed-form.ts';
import { DRAFT, refined, refiner } from '../../testing/laws/refiner.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { scorerOf, table, upTo, weights } from '../../testing/laws/parameters.ts';
import { bestOfN } from '../best-of-n/best-of-n.ts';
import { coinTosses, majority, RANKED, rankOf, SCORED, sequential, size } from '../shared/closed-forms.law.ts';
import { selfConsistency } from './self-consistency.ts';

// Several texts to an answer, and one text without any.
const TEXTS: Distribution = { 'The answer is 7.': 3, '\\boxed{7}': 1, 'Answer: 8': 2.5, '9': 1.5, 'No\nidea': 2 };
const FEWER: Distribution = { 'The answer is 7.': 4, 'Answer: 8': 3, 'No\nidea': 2 };
const ANSWER: { readonly [text: string]: string | null } = {
  'The answer is 7.': '7',
  '\\boxed{7}': '7',
  'Answer: 8': '8',
  '9': '9',
  'No\nidea': null,
};
const answerOf = (text: string): string | null => ANSWER[text] ?? null;
const itself = (text: string): string => text;

const SHARP: Distribution = { a: 8, b: 1.5, c: 0.5 };
const EVEN: Distribution = { a: 3, b: 3, c: 2 };
const [base, ranked, texts, fewer] = [finite(SCORED), finite(RANKED), finite(TEXTS), finite(FEWER)];

/** Adaptive: the two largest classes are far enough apart. */
const settled =
  (threshold: number, answerOf: (text: string) => string | null = itself) =>
  (texts: readonly string[]): boolean => {
    const counts: { [answer: string]: number } = {};
    for (const text of texts) counts[String(answerOf(text))] = (counts[String(answerOf(text))] ?? 0) + 1;
    const [v1 = 0, v2 = 0] = Object.values(counts).toSorted((a, b) => b - a);
    return coinTosses(v1, v2) >= threshold;
  };
/** Window: as many votes as a window holds, all for one answer. */
const agreed =
  (window: number, answerOf: (text: string) => string | null) =>
  (texts: readonly string[]): boolean => {
    const last = new Set(texts.slice(texts.length - window).map(answerOf));
    return texts.length % window === 0 && last.size === 1 && !last.has(null);
  };
const likelihood = (text: string): number => (normal(RANKED).get(text) as number) ** (1 / text.length);

const RANKS: Distribution = Object.fromEntries(Object.keys(RANKED).map((y) => [y, rankOf(y)]));
const drawn = upTo(7, selfConsistency.definition.options.n);

const AFTER_READING: Distribution = { bad: 1, fair: 2, good: 1 };
const careful = refiner((question) => (question.includes('Read the question again') ? AFTER_READING : DRAFT));
const adaptive = selfConsistency({ n: 12, stop: 'adaptive', threshold: 0.9 });

export const law: TechniqueLaw = {
  technique: 'selfConsistency',
  subjects: {
    selfConsistency: selfConsistency({ n: 5 }),
    'selfConsistency by logprob': selfConsistency({ n: 5, weights: 'logprob' }),
    'selfConsistency by score': selfConsistency({ n: 5, weights: 'score', score: size }),
    'selfConsistency by the score of a judge': (base) =>
      selfConsistency({ n: 3, weights: 'score', score: judge(base) })(base),
    'selfConsistency, adaptive': adaptive,
    'selfConsistency, adaptive, that ends early': { transform: adaptive, answers: () => ({ '4': 19, '5': 1 }) },
    'selfConsistency, window': selfConsistency({ n: 8, stop: 'window', window: 2 }),
    'selfConsistency, adaptive, over bestOfN over reRead': (model) =>
      plus(model, reRead(), bestOfN({ n: 2, score: size }), selfConsistency({ n: 6, stop: 'adaptive' })),
  },
  exact: [
    ...varied(
      { n: drawn, model: table(SCORED) },
      ({ n, model }) =>
        holds(`n=${n}: multinomial majority`, plus(finite(model), selfConsistency({ n, extract: 'text' })), () =>
          majority(normal(model), n),
        ),
      [1, 2, 3, 4, 5].map((n) => ({ n })),
    ),
    ...varied(
      { n: drawn, model: weights(TEXTS) },
      ({ n, model }) =>
        holds(`n=${n}: with texts that abstain`, plus(finite(model), selfConsistency({ n })), () =>
          majority(normal(model), n, answerOf),
        ),
      [1, 2, 3, 4, 5].map((n) => ({ n })),
    ),
    ...varied(
      { n: drawn, threshold: selfConsistency.definition.options.threshold, model: table(SHARP) },
      ({ n, threshold, model }) =>
        holds(
          `adaptive n=${n} threshold=${threshold}`,
          plus(finite(model), selfConsistency({ n, stop: 'adaptive', threshold, extract: 'text' })),
          () => sequential(normal(model), n, { stops: settled(threshold) }),
        ),
      [
        { n: 5, threshold: 0.8 },
        { n: 5, threshold: 0.875 }, // two votes for one answer are exactly as sure as that
        { n: 5, threshold: 0.9 },
        { n: 7, threshold: 0.95 },
      ],
    ),
    holds(
      'adaptive n=7, answer and number of votes',
      plus(finite(EVEN), selfConsistency({ n: 7, stop: 'adaptive', threshold: 0.8 })),
      () => sequential(normal(EVEN), 7, { stops: settled(0.8), show: (y, votes) => `${y} of ${votes}` }),
      {
        outcome: ({ samples: [sample] }) =>
          `${sample?.answer} of ${JSON.stringify(sample?.providerMetadata?.['plusx']?.['samples'])}`,
      },
    ),
    holds(
      'adaptive n=6, abstaining is a class',
      plus(fewer, selfConsistency({ n: 6, stop: 'adaptive', threshold: 0.8 })),
      () => sequential(normal(FEWER), 6, { answerOf, stops: settled(0.8, answerOf) }),
    ),
    holds(
      'adaptive n=5, all in flight',
      plus(sideBySide(finite(SHARP)), selfConsistency({ n: 5, stop: 'adaptive', threshold: 0.9 })),
      () => sequential(normal(SHARP), 5, { stops: settled(0.9) }),
    ),
    ...varied(
      { window: selfConsistency.definition.options.window, n: drawn, model: weights(FEWER) },
      ({ window, n, model }) =>
        holds(
          `window=${window} n=${n}, with texts that abstain`,
          plus(finite(model), selfConsistency({ n, stop: 'window', window })),
          () => sequential(normal(model), n, { answerOf, stops: agreed(window, answerOf) }),
        ),
      [2, 3].map((window) => ({ window, n: 6 })),
    ),
    holds('n=4 weighed by logprob', plus(ranked, selfConsistency({ n: 4, weights: 'logprob' })), () =>
      sequential(normal(RANKED), 4, { weigh: likelihood }),
    ),
    ...varied(
      { n: drawn, model: weights(RANKED), scores: weights(RANKS, 'the score of each answer') },
      ({ n, model, scores }) =>
        holds(
          `n=${n} weighed by score`,
          plus(finite(model), selfConsistency({ n, weights: 'score', score: scorerOf(scores) })),
          () => sequential(normal(model), n, { weigh: (y) => scores[y] as number }),
        ),
      [{ n: 4 }],
    ),
    holds(
      'n=3 over selfRefine over reRead',
      plus(careful, reRead(), selfRefine({ rounds: 1, critic: careful }), selfConsistency({ n: 3 })),
      () => majority(refined(normal(AFTER_READING), 1), 3),
    ),
    same('n=1 is the base', plus(texts, selfConsistency({ n: 1 })), texts),
    same('n=2 is the base, where all have an answer', plus(base, selfConsistency({ n: 2 })), base),
    differs('n=2 is not the base, where some abstain', plus(texts, selfConsistency({ n: 2 })), texts),
    same(
      'adaptive n=3 is n=3',
      plus(texts, selfConsistency({ n: 3, stop: 'adaptive' })),
      plus(texts, selfConsistency({ n: 3 })),
    ),
    differs(
      'n=3 of n=3 is not n=9',
      plus(finite({ a: 2, b: 1 }), selfConsistency({ n: 3 }), selfConsistency({ n: 3 })),
      plus(finite({ a: 2, b: 1 }), selfConsistency({ n: 9 })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the stop rule is one vote late',
    file: 'search/self-consistency/self-consistency.ts',
    from: 'rule: stop ===',
    to: "rule: stop === 'adaptive' ? { ...settled(threshold), stops: (all) => all.count > 1 && settled(threshold).stops({ ...all, largest: () => [all.largest()[0] - 1, all.largest()[1]] }) } : stop ===",
  },
  {
    bug: 'the stop rule leaves out its threshold',
    file: 'search/shared/votes/stop-rules.ts',
    from: 'betaMajority(...votes.largest()) >= threshold',
    to: 'betaMajority(...votes.largest()) > threshold',
  },
  {
    bug: 'abstaining is no class of the stop rule',
    file: 'search/shared/votes/running-vote.ts',
    from: 'if (!answer) return put(undefined, 1, weight);',
    to: 'if (!answer) return;',
  },
  {
    bug: 'the stop rule takes any two classes for the largest',
    file: 'search/shared/votes/running-vote.ts',
    from: 'else if (!second || one.count > second.count) second = one;',
    to: 'else second = one;',
  },
  {
    bug: 'a window need not be full',
    file: 'search/shared/votes/stop-rules.ts',
    from: 'votes.count % window === 0 && ',
    to: '',
  },
  {
    bug: 'draws of a stop rule at addresses of their own',
    file: 'search/shared/votes/draw-until.ts',
    from: 'drawOne(base, { ...request, from: i }, inner)',
    to: 'drawOne(base, request, inner)',
  },
];
