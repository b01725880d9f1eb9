/** The law of wider or deeper: for up to three answers, every case written out. */
import { judge, plus, questionOf, scorer, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { size } from '../shared/steps.law.ts';
import { abMcts } from './ab-mcts.ts';

// A writer that answers and revises. What is great counts as much as what is good to the search, and is kept before it.
const FRESH: Distribution = { bad: 4, good: 2 };
const REVISED: { readonly [answer: string]: Distribution } = {
  bad: { bad: 1, good: 2 },
  good: { bad: 1, great: 1 },
  great: { great: 1 },
};
const grade = (y: string): number => (y === 'great' ? 2 : Number(y === 'good'));
const verdict = (y: string): number => Math.min(1, grade(y));
const verifier = scorer('verifier', ({ content }) => grade(textOf(content)));
const writer = (fresh: Distribution, revised: Tables): Model =>
  enumerable({
    name: 'reviser',
    answers: (prompt) => {
      const last = prompt.findLast(({ role }) => role === 'assistant');
      return last && questionOf(prompt) !== 'question' ? (revised[textOf(last.content)] ?? { lost: 1 }) : fresh;
    },
  });
const reviser = writer(FRESH, REVISED);

/** P(X > Y) for X ~ Beta(1 + w, 1 + l) and Y ~ Beta(1 + v, 1 + m), wins and losses being whole numbers. (Miller, 2015) */
function beats([w, l]: readonly [number, number], [v, m]: readonly [number, number]): number {
  const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
  const beta = (a: number, b: number): number => (factorial(a - 1) * factorial(b - 1)) / factorial(a + b - 1);
  return Array.from({ length: w + 1 }, (_, i) => i).reduce(
    (sum, i) => sum + beta(1 + v + i, 2 + l + m) / ((1 + l + i) * beta(1 + i, 1 + l) * beta(1 + v, 1 + m)),
    0,
  );
}

/** The wins and losses of answers. */
function record(ys: readonly string[]): readonly [number, number] {
  const wins = ys.reduce((sum, y) => sum + verdict(y), 0);
  return [wins, ys.length - wins];
}

/** Wider or deeper for three answers at most, one case after another. */
function branching(n: number, first: Distribution, after: Tables): P {
  const out = new Map<string, number>();
  const keep = (p: number, ...ys: readonly string[]): void =>
    add(
      out,
      ys.reduce((top, y) => (grade(y) > grade(top) ? y : top)),
      p,
    );
  const fresh = [...normal(first)];
  const revised = (y: string): (readonly [string, number])[] => [...normal(after[y] ?? { lost: 1 })];
  for (const [first, p] of fresh) {
    if (n === 1) {
      keep(p, first);
      continue;
    }
    const wider = beats(record([first]), [0, 0]);
    for (const [second, q] of fresh) {
      if (n === 2) keep(p * wider * q, first, second);
      else {
        const again = beats(record([first, second]), [0, 0]);
        const to = beats(record([first]), record([second]));
        for (const [third, r] of fresh) keep(p * wider * q * again * r, first, second, third);
        for (const [third, r] of revised(first)) keep(p * wider * q * (1 - again) * to * r, first, second, third);
        for (const [third, r] of revised(second))
          keep(p * wider * q * (1 - again) * (1 - to) * r, first, second, third);
      }
    }
    for (const [second, q] of revised(first)) {
      if (n === 2) keep(p * (1 - wider) * q, first, second);
      else {
        // At the root the revision speaks for going deeper; at the first answer it speaks for revising that once more.
        const again = beats(record([first]), record([second]));
        const wide = beats(record([second]), [0, 0]);
        for (const [third, r] of fresh) keep(p * (1 - wider) * q * again * r, first, third, second);
        for (const [third, r] of revised(first))
          keep(p * (1 - wider) * q * (1 - again) * wide * r, first, second, third);
        for (const [third, r] of revised(second))
          keep(p * (1 - wider) * q * (1 - again) * (1 - wide) * r, first, second, third);
      }
    }
  }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'abMcts',
  subjects: {
    abMcts: abMcts({ n: 4, score: size, scale: 7 }),
    'abMcts of two models, three at once': (base) =>
      abMcts({ n: 6, score: judge(base), scale: 10, parallel: 3, models: [reRead()(base)] })(base),
  },
  exact: [
    ...varied(
      {
        n: upTo(3, abMcts.definition.options.n),
        fresh: weights(FRESH, 'what is written at first'),
        revised: weightsAfter(REVISED, 'what each answer is revised to'),
      },
      ({ n, fresh, revised }) =>
        holds(`n=${n}, scores of 0 and 1`, plus(writer(fresh, revised), abMcts({ n, score: verifier })), () =>
          branching(n, fresh, revised),
        ),
      [1, 2, 3].map((n) => ({ n })),
    ),
    same(
      'n=1 over two models alike is the base',
      plus(reviser, abMcts({ n: 1, score: verifier, models: [reviser] })),
      reviser,
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'deeper counts the answers made here',
    file: 'search/ab-mcts/ab-mcts.ts',
    from: 'rewards(node.children.flatMap(below))',
    to: 'rewards(below(node))',
  },
  {
    bug: 'a child is known by what came of it only',
    file: 'search/ab-mcts/ab-mcts.ts',
    from: 'rewards([child, ...below(child)])',
    to: 'rewards(below(child))',
  },
];
