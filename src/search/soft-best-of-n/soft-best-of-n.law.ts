/** The law of soft best-of-n: every sequence of n draws, of which one is picked by e^(s/τ). */
import { judge, plus } from '../../core/index.ts';
import { add, finite, normal, sequences, type P } from '../../testing/laws/closed-form.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { numberIn, scorerOf, scores, table, upTo } from '../../testing/laws/parameters.ts';
import { rank, score, SCORED, SCORES, size } from '../shared/closed-forms.law.ts';
import { softBestOfN } from './soft-best-of-n.ts';

/** What has no score weighs nothing, unless nothing has one. */
function resampled(p: P, n: number, tau: number, scoreOf: (y: string) => number): P {
  const out = new Map<string, number>();
  for (const [drawn, probability] of sequences(p, n)) {
    const top = Math.max(...drawn.map(scoreOf).filter((s) => !Number.isNaN(s)));
    const weights = drawn.map((y) =>
      top === -Infinity ? 1 : Number.isNaN(scoreOf(y)) ? 0 : Math.exp((scoreOf(y) - top) / tau),
    );
    const total = weights.reduce((sum, w) => sum + w, 0);
    drawn.forEach((y, i) => add(out, y, (probability * (weights[i] as number)) / total));
  }
  return out;
}

const base = finite(SCORED);
const short = finite({ a: 4, b: 3, c: 2 });

export const law: TechniqueLaw = {
  technique: 'softBestOfN',
  subjects: {
    softBestOfN: softBestOfN({ n: 4, score: size }),
    'softBestOfN with a judge': (base) => softBestOfN({ n: 3, score: judge(base) })(base),
  },
  exact: [
    ...varied(
      {
        n: upTo(6, softBestOfN.definition.options.n),
        temperature: softBestOfN.definition.options.temperature,
        model: table(SCORED),
        scores: scores(SCORES),
      },
      ({ n, temperature, model, scores }) =>
        holds(
          `n=${n} temperature=${temperature}`,
          plus(finite(model), softBestOfN({ n, temperature, score: scorerOf(scores) })),
          () => resampled(normal(model), n, temperature, numberIn(scores)),
        ),
      [
        { n: 1, temperature: 1 },
        { n: 3, temperature: 0.7 },
        { n: 4, temperature: 5 },
      ],
    ),
    same('n=1 is the base', plus(base, softBestOfN({ n: 1, score })), base),
    differs(
      'n=2 of n=2 is not n=4',
      plus(short, softBestOfN({ n: 2, score: rank }), softBestOfN({ n: 2, score: rank })),
      plus(short, softBestOfN({ n: 4, score: rank })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'resampling forgets its temperature',
    file: 'search/soft-best-of-n/soft-best-of-n.ts',
    from: '(value - top) / temperature',
    to: 'value - top',
  },
];
