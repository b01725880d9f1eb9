/** The law of preference for two candidates: each outcome of their comparisons, or each ratio of their likelihoods. */
import { plus, questionOf, type Message } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { BELIEVER, believing, isBase, nothing, PLAIN, remembered } from '../shared/memories.law.ts';
import { prefer } from './prefer.ts';

const base = finite(PLAIN);

/** Answers, or a verdict where one is asked for. */
const judging = (prompt: readonly Message[]): Distribution =>
  questionOf(prompt).includes('Reply with A or B') ? { A: 2, B: 1 } : { '4': 3, '5': 2, '22': 1 };

/** A judge that prefers the earlier letter, and errs one time in four. */
const judge = enumerable({
  name: 'judge',
  answers: (prompt) => {
    const [, first = '', second = ''] = /Reply A:\n(\w)\n\nReply B:\n(\w)/.exec(questionOf(prompt)) ?? [];
    if (first === second) return { A: 1, B: 1 };
    return first < second ? { A: 3, B: 1 } : { A: 1, B: 3 };
  },
});

/** Two candidates: w of two comparisons won by the first make odds (w + 1/2) / (5/2 - w), written out from the paper. */
function preferred(p: P, temperature: number, best: boolean): P {
  const out = new Map<string, number>();
  for (const [x, px] of p)
    for (const [y, py] of p) {
      const wins = x === y ? 0.5 : x < y ? 0.75 : 0.25;
      for (const [w, pw] of [(1 - wins) ** 2, 2 * wins * (1 - wins), wins ** 2].entries()) {
        const odds = (w + 0.5) / (2.5 - w);
        const first = best ? (w >= 1 ? 1 : 0) : 1 / (1 + odds ** (-1 / temperature));
        add(out, x, px * py * pw * first);
        add(out, y, px * py * pw * (1 - first));
      }
    }
  return out;
}

/** Two draws from p, one of them kept in proportion to (q / p)^(1/τ): towards q, the law of those who know the principles. */
function tilted(p: P, q: P, temperature: number): P {
  const out = new Map<string, number>();
  const ratio = (y: string): number => (q.get(y) ?? 0) / (p.get(y) as number);
  for (const [a, pa] of p)
    for (const [b, pb] of p) {
      // Where the principles allow neither, each is as good.
      const first = ratio(a) === ratio(b) ? 0.5 : 1 / (1 + (ratio(b) / ratio(a)) ** (1 / temperature));
      add(out, a, pa * pb * first);
      add(out, b, pa * pb * (1 - first));
    }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'prefer',
  subjects: {
    prefer: { transform: prefer({ n: 3, principles: 'short' }), host: remembered, answers: judging },
    'prefer the best, by what is remembered': {
      transform: (model) => prefer({ n: 3, k: 1, pick: 'best', judge: reRead()(model) })(model),
      host: remembered,
      answers: judging,
    },
  },
  exact: [
    isBase('nothing remembered: the base itself', prefer({ n: 3 })),
    isBase('without a memory: the base itself', prefer({ n: 3 }), () => ({})),
    isBase('n=1: the base itself', prefer({ n: 1, principles: 'short' })),
    ...varied(
      { temperature: prefer.definition.options.temperature, model: weights(PLAIN) },
      ({ temperature, model }) =>
        holds(
          `n=2 temperature=${temperature}`,
          hosted(plus(finite(model), prefer({ n: 2, temperature, principles: 'early', judge })), nothing),
          () => preferred(normal(model), temperature, false),
        ),
      [0.5, 1, 3].map((temperature) => ({ temperature })),
    ),
    ...varied(
      { temperature: prefer.definition.options.temperature, ...BELIEVER },
      ({ temperature, plain, noted }) =>
        holds(
          `likelihood, n=2 temperature=${temperature}`,
          hosted(
            plus(
              believing('early', plain, noted),
              prefer({ n: 2, temperature, principles: 'early', rewards: 'likelihood' }),
            ),
            nothing,
          ),
          () => tilted(normal(plain), normal(noted), temperature),
        ),
      [1, 2].map((temperature) => ({ temperature })),
    ),
    holds('n=2, the best', hosted(plus(base, prefer({ n: 2, pick: 'best', judge })), remembered), () =>
      preferred(normal(PLAIN), 1, true),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the likelihood is taken without what it was before',
    file: 'remember/prefer/prefer.ts',
    from: 'told.logprob - untold.logprob',
    to: 'told.logprob',
  },
  {
    bug: 'a win counts for the loser',
    file: 'remember/prefer/prefer.ts',
    from: "preferred === 'tie' ? 0.5 : 1 - preferred",
    to: "preferred === 'tie' ? 0.5 : preferred",
  },
  {
    bug: 'rewards without a prior',
    file: 'remember/prefer/bradley-terry.ts',
    from: 'const PRIOR = 0.5;',
    to: 'const PRIOR = 0.01;',
  },
];
