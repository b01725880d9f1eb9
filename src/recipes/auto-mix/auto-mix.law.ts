/** The law of auto-mix: Σ_v C(k, v) a^v (1 − a)^(k − v) over the counts of yes that keep an answer of the smaller model. */
import { questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { inForm } from '../shared/replies.law.ts';
import { autoMix } from './auto-mix.ts';

// A small model that knows its faults better than chance, and a larger one.
const SMALL: Distribution = { x: 3, y: 2 };
const SURE: Tables = { x: { yes: 3, no: 1 }, y: { yes: 1, no: 2 } };
const LARGE: Distribution = { y: 1, z: 4 };
interface World {
  readonly small: Distribution;
  readonly sure: Tables;
  readonly large: Distribution;
}
const WORLD = {
  small: weights(SMALL, 'what the smaller model answers'),
  sure: weightsAfter(SURE, 'whether it finds each right'),
  large: weights(LARGE, 'what the larger model answers'),
};
const models = ({ small, sure, large }: World): Model[] => [
  enumerable({
    name: 'small',
    answers: (prompt) => {
      const asked = questionOf(prompt);
      return asked.includes('yes or no') ? (sure[/answer:\n(.*)\n/.exec(asked)?.[1] ?? ''] ?? { lost: 1 }) : small;
    },
  }),
  finite(large, 'large'),
];

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

/** An answer of the small model is kept by the number of its k verdicts that are yes; else the large one answers. */
function escalated({ small, sure, large }: World, k: number, keeps: (yes: number) => boolean): P {
  const out = new Map<string, number>();
  let doubted = 0;
  for (const [y, p] of normal(small)) {
    const a = normal(sure[y] as Distribution).get('yes') ?? 0;
    for (let v = 0; v <= k; v++) {
      const q = p * choose(k, v) * a ** v * (1 - a) ** (k - v);
      if (keeps(v)) add(out, y, q);
      else doubted += q;
    }
  }
  for (const [y, p] of normal(large)) add(out, y, doubted * p);
  return out;
}

const POSTERIOR = {
  decide: 'posterior',
  prior: 0.5,
  yesWhenRight: 0.8,
  yesWhenWrong: 0.3,
  largerRight: 0.75,
  price: 0,
} as const;

export const law: TechniqueLaw = {
  technique: 'autoMix',
  subjects: {
    autoMix: { transform: (base) => autoMix([base, reRead()(base)]), answers: inForm },
    'autoMix of three, by the posterior': {
      transform: (base) => autoMix([base, reRead()(base), base], { k: 2, decide: 'posterior' }),
      answers: inForm,
    },
  },
  exact: [
    ...varied(
      { k: upTo(4, autoMix.definition.options.k), ...WORLD },
      ({ k, ...world }) =>
        holds(`k=${k}: kept by ${Math.ceil(k / 2)} verdict${k > 2 ? 's' : ''}`, autoMix(models(world), { k }), () =>
          escalated(world, k, (v) => v >= k / 2),
        ),
      [{ k: 3 }, { k: 2 }],
    ),
    ...varied(WORLD, (world) =>
      holds('k=3: kept by the posterior of the verdicts', autoMix(models(world), { k: 3, ...POSTERIOR }), () =>
        escalated(world, 3, (v) => (8 / 3) ** v * (2 / 7) ** (3 - v) >= 3),
      ),
    ),
    // The dearer the large model, the less sure an answer must be to be kept: 0.65 is enough here, and two verdicts give 0.67.
    ...varied(WORLD, (world) =>
      holds(
        'k=3: kept by the posterior, less the price',
        autoMix(models(world), { k: 3, ...POSTERIOR, price: 0.1 }),
        () => escalated(world, 3, (v) => (8 / 3) ** v * (2 / 7) ** (3 - v) >= 0.65 / 0.35),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
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
];
