/** Laws of tree search: everything that grows an answer step by step. */
import { judge, plus, scorer, textOf, type Model, type Transform } from '../../src/core/index.ts';
import { enumerableTokens } from '../../src/models/enumerable-tokens.ts';
import type { Distribution } from '../../src/models/enumerable.ts';
import { beamSearch, bestOfN, particleFilter, softBestOfN } from '../../src/search/index.ts';
import { exact } from '../../src/testing/exact.ts';
import { add, finite, normal, type ExactLaw, type LawSet, type Mutant, type P } from './form.ts';

const size = scorer('size', ({ content }) => textOf(content).length % 7);
const stepped = (transform: Transform) => ({ transform, continueFrom: true });

// Answers of one to three lines with beginnings in common, and a score of every beginning.
const LINES: Distribution = { 'a\nx': 3, 'a\ny\nz': 2, 'b\nx': 1.5, b: 1 };
const SCORES: { readonly [text: string]: number } = {
  'a\n': 0.6,
  'b\n': 0.9,
  b: 0.3,
  'a\nx': 0.4,
  'a\ny\n': 0.2,
  'a\ny\nz': 1,
  'b\nx': 0.5,
};
const value = (text: string): number => SCORES[text] ?? Number.NaN;
const score = scorer('score', ({ content }) => value(textOf(content)));
const lines = finite(LINES, 'lines');

/** A text written so far, the whole it was cut from, what it scores. */
interface Begun {
  readonly text: string;
  readonly whole: string;
  readonly value: number;
}
const START: Begun = { text: '', whole: '', value: Number.NaN };
const isWhole = ({ text, whole }: Begun): boolean => text !== '' && text === whole;

/** One more line of a text: every way, with its probability. */
function further(p: P, { text }: Begun): (readonly [Begun, number])[] {
  const fitting = [...p].filter(([whole]) => whole.startsWith(text));
  const total = fitting.reduce((sum, [, q]) => sum + q, 0);
  return fitting.map(([whole, q]) => {
    const written = whole.split('\n').length;
    const taken = text.split('\n').length;
    const next = taken < written ? `${whole.split('\n').slice(0, taken).join('\n')}\n` : whole;
    return [{ text: next, whole, value: value(next) }, q / total] as const;
  });
}

/** Every list of independent draws, one from each of the given distributions. */
function product<T>(each: ReadonlyArray<ReadonlyArray<readonly [T, number]>>): (readonly [readonly T[], number])[] {
  return each.reduce<(readonly [readonly T[], number])[]>(
    (all, options) => all.flatMap(([list, p]) => options.map(([one, q]) => [[...list, one], p * q] as const)),
    [[[], 1]],
  );
}

/** The best beginning of a beam, with its probability. */
function beam(p: P, beams: number, width: number, steps: number): (readonly [Begun, number])[] {
  const out: (readonly [Begun, number])[] = [];
  const visit = (kept: readonly Begun[], step: number, probability: number): void => {
    if (step > steps || (step > 1 && kept.every(isWhole))) return void out.push([kept[0] as Begun, probability]);
    const live = kept.filter((one) => !isWhole(one));
    const draws = live.flatMap((one) =>
      Array.from({ length: step === 1 ? beams * width : width }, () => further(p, one)),
    );
    for (const [drawn, q] of product(draws)) {
      const all = [...kept.filter(isWhole), ...drawn];
      const order = all.map((_, i) => i).toSorted((i, j) => (all[j] as Begun).value - (all[i] as Begun).value || i - j);
      visit(
        order.slice(0, beams).map((i) => all[i] as Begun),
        step + 1,
        probability * q,
      );
    }
  };
  visit([START], 1, 1);
  return out;
}

const answers = (found: ReadonlyArray<readonly [Begun, number]>): P => {
  const out = new Map<string, number>();
  for (const [{ whole }, p] of found) add(out, whole, p);
  return out;
};

/** The best of independent searches that keep one beginning each; the first of equals. */
function diverse(p: P, trees: number, width: number, steps: number): P {
  const one = beam(p, 1, width, steps);
  return answers(
    product(Array.from({ length: trees }, () => one)).map(([found, q]) => [
      found.reduce((best, next) => (next.value > best.value ? next : best)),
      q,
    ]),
  );
}

// The same for tokens, each a step of its own: two tokens and an end, whose weights depend on the text before.
const TOKENS = ['u\n', 'v\n'];
const nextWeights = (prefix: readonly number[]): number[] => [
  2 + prefix.length,
  1 + (prefix[0] ?? 1) * 2,
  0.5 + prefix.length,
];
const tokens = enumerableTokens({ tokens: TOKENS, next: nextWeights, maxTokens: 2 });
const tilt = (text: string): number =>
  0.3 + [...text].filter((c) => c === 'v').length * 0.8 + (text.startsWith('u') ? 0.4 : 0);
const tilting = scorer('tilting', ({ content }) => tilt(textOf(content)));

/**
 * A model whose answer y has the probability E[weight; y] / bound of another one's samples, and REST what is left: so that
 * a law sees how the weights are, and not only which answers come out.
 */
function weighted(model: Model, bound: number): Model {
  const found = exact(model, 'question', {
    outcome: ({ samples: [sample] }) => JSON.stringify([textOf(sample?.content ?? ''), sample?.weight]),
  });
  const inner: Model = {
    ...model,
    async sample(_request, context) {
      const masses = new Map<string, number>();
      for (const [outcome, p] of await found) {
        const [text, weight] = JSON.parse(outcome) as [string, number];
        add(masses, text, (p * weight) / bound);
      }
      add(masses, REST, 1 - [...masses.values()].reduce((sum, p) => sum + p, 0));
      const texts = [...masses.keys()];
      const text = texts[context.choice.categorical([...masses.values()])] as string;
      return plus(finite({ [text]: 1 })).sample({ prompt: [{ role: 'user', content: [] }] }, context);
    },
  };
  return inner;
}

const REST = '(rest)';

/** P(y) ψ(y) / bound, and what is left. */
function properly(p: P, psi: (text: string) => number, bound: number): P {
  const out = new Map([...p].map(([y, q]) => [y, (q * psi(y)) / bound]));
  return out.set(REST, 1 - [...out.values()].reduce((sum, q) => sum + q, 0));
}

const law = (technique: string, text: string, model: Model, expected: ExactLaw['expected']): ExactLaw => ({
  technique,
  law: text,
  model,
  expected,
  holds: true,
});

const BEAMS = (
  [
    [1, 1, 1],
    [1, 2, 3],
    [2, 1, 2],
    [2, 2, 1],
  ] as const
).map(([beams, width, steps]) =>
  law(
    'beamSearch',
    `beams=${beams} width=${width} steps=${steps}`,
    plus(lines, beamSearch({ beams, width, steps, score })),
    () => answers(beam(normal(LINES), beams, width, steps)),
  ),
);

const WEIGHTS = [
  { n: 1 },
  { n: 2 },
  { n: 2, threshold: 1 },
  { n: 2, threshold: 1, resampling: 'multinomial' },
  { n: 2, threshold: 0 },
  { n: 2, threshold: 1, potential: 'score' },
  { n: 2, threshold: 1, steps: 2 },
  { n: 2, threshold: 1, temperature: 0.4 },
] as const;
const psiOf =
  (score: (text: string) => number, options: (typeof WEIGHTS)[number]) =>
  (y: string): number =>
    'potential' in options ? score(y) : Math.exp(score(y) / ('temperature' in options ? options.temperature : 1));

const FILTERS: ExactLaw[] = [
  ...WEIGHTS.map((options) =>
    law(
      'particleFilter',
      `E[weight; y] = P(y) psi(y), ${JSON.stringify(options).replaceAll('"', '')}`,
      weighted(plus(lines, particleFilter({ score, ...options })), 20),
      () => properly(normal(LINES), psiOf(value, options), 20),
    ),
  ),
  ...[WEIGHTS[2], WEIGHTS[3]].map((options) =>
    law(
      'particleFilter',
      `E[weight; y] = P(y) psi(y), tokens, ${JSON.stringify(options).replaceAll('"', '')}`,
      weighted(plus(tokens, particleFilter({ score: tilting, ...options })), 20),
      async () => properly(await exact(tokens), psiOf(tilt, options), 20),
    ),
  ),
];

const EQUAL = (technique: string, text: string, model: Model, other: Model): ExactLaw =>
  law(technique, text, model, () => exact(other));
const oneLine = finite({ b: 3, 'a\nx': 2, 'b\nx': 1 }, 'one');

const MUTANTS: readonly Mutant[] = [
  {
    bug: 'what follows a step says whether it is the last',
    file: 'search/steps.ts',
    from: "if (by === 'prompt' && text",
    to: 'if (text',
  },
  {
    bug: 'a beam keeps the worst',
    file: 'search/steps.ts',
    from: 'rank(b.value) - rank(a.value)',
    to: 'rank(a.value) - rank(b.value)',
  },
  {
    bug: 'a beginning that is whole is dropped from the beam',
    file: 'search/beam-search.ts',
    from: 'thought.done || (cutShort',
    to: 'false || (cutShort',
  },
  {
    bug: 'weights are not reset after resampling',
    file: 'search/particle-filter.ts',
    from: '({ ...(particles[i] as Particle), weight: 0 })',
    to: '({ ...(particles[i] as Particle) })',
  },
  {
    bug: 'the potential of the beginning is not divided out',
    file: 'search/particle-filter.ts',
    from: 'one.before.weight + psi - one.before.psi',
    to: 'one.before.weight + psi',
  },
  {
    bug: 'finished particles lose their weight',
    file: 'search/particle-filter.ts',
    from: 'if (psi === undefined) return one.before;',
    to: 'if (psi === undefined) return { ...one.before, weight: 0 };',
  },
  {
    bug: 'the normalizer forgets what was resampled',
    file: 'search/particle-filter.ts',
    from: 'logZ += logMean(particles.map(weightOf));\n        const draw',
    to: 'const draw',
  },
  {
    bug: 'systematic resampling always starts at the same place',
    file: 'search/particles.ts',
    from: 'const drawn = choice.categorical(lengths);',
    to: 'const drawn = lengths.findIndex((length) => length > 0) + 0 * choice.categorical(lengths);',
  },
];

export const trees: LawSet = {
  subjects: {
    beamSearch: stepped(beamSearch({ beams: 2, width: 2, steps: 3, score: size })),
    'beamSearch, diverse': stepped(beamSearch({ beams: 2, width: 2, steps: 2, score: size, variant: 'dvts' })),
    'beamSearch by prompt, with a judge': (base) =>
      beamSearch({ beams: 1, width: 2, steps: 2, score: judge(base), by: 'prompt', separator: '2' })(base),
    particleFilter: stepped(particleFilter({ n: 3, steps: 3, score: size })),
    'particleFilter, multinomial at every step': stepped(
      particleFilter({ n: 3, steps: 3, score: size, threshold: 1, resampling: 'multinomial', potential: 'score' }),
    ),
  },
  exact: [
    ...BEAMS,
    law(
      'beamSearch',
      'dvts: the best of independent searches',
      plus(lines, beamSearch({ beams: 2, width: 1, steps: 2, score, variant: 'dvts' })),
      () => diverse(normal(LINES), 2, 1, 2),
    ),
    EQUAL('beamSearch', 'width=1, beams=1 = base', plus(lines, beamSearch({ beams: 1, width: 1, score })), lines),
    EQUAL(
      'beamSearch',
      'one step = bestOfN by the score of the first step',
      plus(oneLine, beamSearch({ beams: 1, width: 3, steps: 1, score })),
      plus(
        oneLine,
        bestOfN({ n: 3, score: scorer('first', ({ content }) => value(textOf(content).replace(/(?<=\n).*/s, ''))) }),
      ),
    ),
    ...FILTERS,
    EQUAL('particleFilter', 'n=1 = base', plus(lines, particleFilter({ n: 1, score })), lines),
    EQUAL(
      'particleFilter',
      'steps=1 = softBestOfN',
      plus(lines, particleFilter({ n: 3, steps: 1, score, temperature: 0.5 })),
      plus(lines, softBestOfN({ n: 3, score, temperature: 0.5 })),
    ),
  ],
  mutants: MUTANTS,
};
