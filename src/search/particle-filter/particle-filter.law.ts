/** The law of the particle filter: E[weight; y] = P(y) ψ(y), for every number of particles. */
import { judge, plus, textOf, type Model } from '../../core/index.ts';
import { add, finite, normal, type P } from '../../testing/laws/closed-form.ts';
import { exact, type Exact } from '../../testing/laws/exact.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { LINES, lines, score, scoreOf, size, stepped, tokens, tokenScore, tokenScoreOf } from '../shared/steps.law.ts';
import { softBestOfN } from '../soft-best-of-n/soft-best-of-n.ts';
import { particleFilter } from './particle-filter.ts';

/** Above every weight. */
const BOUND = 20;
const REST = '(rest)';

/**
 * A model whose answer y has the probability E[weight; y] / BOUND of another one's samples, and REST what is left: so that
 * a law sees the weights, and not only which answers come out.
 */
function weighted(model: Model): Model {
  let found: Promise<Exact> | undefined;
  return {
    ...model,
    async sample(_request, context) {
      found ??= exact(model, 'question', {
        outcome: ({ samples: [sample] }) => `${sample?.weight} ${textOf(sample?.content ?? '')}`,
      });
      const masses = new Map<string, number>();
      for (const [outcome, p] of await found) {
        const at = outcome.indexOf(' ');
        add(masses, outcome.slice(at + 1), (p * Number(outcome.slice(0, at))) / BOUND);
      }
      const texts = [...withRest(masses)];
      const [text = REST] = texts[context.choice.categorical(texts.map(([, mass]) => mass))] ?? [];
      return finite({ [text]: 1 }).sample({ prompt: [{ role: 'user', content: [] }] }, context);
    },
  };
}

/** P(y) ψ(y) / BOUND, and what is left. */
function properly(p: P, psi: (text: string) => number): P {
  return withRest(new Map([...p].map(([y, q]) => [y, (q * psi(y)) / BOUND])));
}

const withRest = (masses: P): P =>
  new Map([...masses, [REST, 1 - [...masses.values()].reduce((sum, q) => sum + q, 0)]]);

const WAYS = [
  { n: 1 },
  { n: 2 },
  { n: 2, threshold: 1 },
  { n: 2, threshold: 1, resampling: 'multinomial' },
  { n: 2, threshold: 0 },
  { n: 2, threshold: 1, potential: 'score' },
  { n: 2, threshold: 1, steps: 2 },
  { n: 2, threshold: 1, temperature: 0.4 },
  { n: 2, threshold: 1, draw: 'step' },
] as const;
type Way = (typeof WAYS)[number];

const shown = (way: object): string =>
  Object.entries(way)
    .map(([option, value]) => `${option}=${JSON.stringify(value)}`)
    .join(' ');
const psiOf =
  (score: (text: string) => number, way: Way) =>
  (y: string): number =>
    'potential' in way ? score(y) : Math.exp(score(y) / ('temperature' in way ? way.temperature : 1));

export const law: TechniqueLaw = {
  technique: 'particleFilter',
  subjects: {
    particleFilter: stepped(particleFilter({ n: 3, steps: 3, score: size })),
    'particleFilter with a judge': stepped((base) => particleFilter({ n: 2, steps: 2, score: judge(base) })(base)),
    'particleFilter, a step a draw': stepped(particleFilter({ n: 3, steps: 3, score: size, draw: 'step' })),
    'particleFilter, multinomial at every step': stepped(
      particleFilter({ n: 3, steps: 3, score: size, threshold: 1, resampling: 'multinomial', potential: 'score' }),
    ),
  },
  exact: [
    ...WAYS.flatMap((way) =>
      varied(
        { n: upTo(2, particleFilter.definition.options.n), model: weights(LINES) },
        ({ n, model }) =>
          holds(
            `${shown({ ...way, n })}: E[weight; y] = P(y) psi(y)`,
            weighted(plus(finite(model), particleFilter({ score, ...way, n }))),
            () => properly(normal(model), psiOf(scoreOf, way)),
          ),
        [{ n: way.n }],
      ),
    ),
    ...[WAYS[2], WAYS[3]].map((way) =>
      holds(
        `${shown(way)}, a token a step: E[weight; y] = P(y) psi(y)`,
        weighted(plus(tokens, particleFilter({ score: tokenScore, ...way }))),
        async () => properly(await exact(tokens), psiOf(tokenScoreOf, way)),
      ),
    ),
    same('n=1 is the base', plus(lines, particleFilter({ n: 1, score })), lines),
    same(
      'steps=1 is soft best-of-n',
      plus(lines, particleFilter({ n: 3, steps: 1, score, temperature: 0.5 })),
      plus(lines, softBestOfN({ n: 3, score, temperature: 0.5 })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'weights are not reset after resampling',
    file: 'search/particle-filter/particle-filter.ts',
    from: '({ ...(particles[i] as Particle), weight: 0 })',
    to: '({ ...(particles[i] as Particle) })',
  },
  {
    bug: 'the potential of the beginning is not divided out',
    file: 'search/particle-filter/particle-filter.ts',
    from: 'particle.weight + psi - particle.psi',
    to: 'particle.weight + psi',
  },
  {
    bug: 'finished particles lose their weight',
    file: 'search/particle-filter/particle-filter.ts',
    from: 'if (place === undefined) return particle;',
    to: 'if (place === undefined) return { ...particle, weight: 0 };',
  },
  {
    bug: 'the normalizer forgets what was resampled',
    file: 'search/particle-filter/particle-filter.ts',
    from: 'logZ += logMean(particles.map(weightOf));\n        const draw',
    to: 'const draw',
  },
  {
    bug: 'systematic resampling always starts at the same place',
    file: 'search/particle-filter/particles.ts',
    from: 'const drawn = choice.categorical(lengths);',
    to: 'const drawn = lengths.findIndex((length) => length > 0) + 0 * choice.categorical(lengths);',
  },
];
