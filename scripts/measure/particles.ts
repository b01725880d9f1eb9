/** How far the samples of a particle filter are from its target, on a token model small enough to know all of. */
import { ask, plus, scorer, seeded, textOf, type Choice, type Model } from '../../src/core/index.ts';
import type { Curve } from '../../src/evaluate/index.ts';
import { enumerableTokens } from '../../src/models/written/index.ts';
import { beamSearch, particleFilter, softBestOfN } from '../../src/search/index.ts';
import { exact, totalVariation, type Probabilities } from '../../src/testing/laws/exact.ts';
import { distanceCurve } from './distances.ts';

const SIZES = [1, 4, 16, 64];
const DRAWS = 2000;
const curve = (formula: string, distances: readonly number[]): Curve =>
  distanceCurve({ model: base.name, over: 'n', values: SIZES, seed: 1, draws: DRAWS }, formula, distances);
const LENGTH = 3;
const TOKENS = ['u\n', 'v\n'];

/** Mostly u; the score asks for v, and for one v more than a beginning shows. */
const next = (prefix: readonly number[]): number[] => (prefix.length < LENGTH ? [3, 1, 0] : [0, 0, 1]);
const base = enumerableTokens({ name: 'tokens', tokens: TOKENS, next, maxTokens: LENGTH });
const scoreOf = (text: string): number =>
  1.2 * (text.split('v').length - 1) + (/^u\n(?:.\n)*v\n$/.test(text) ? 0.8 : 0);
const score = scorer('score', ({ content }) => scoreOf(textOf(content)));

/** What counting alone makes of the distance: the mean total variation of so many samples of the target itself, about. */
const noise = (p: Probabilities): number =>
  [...p.values()].reduce((sum, q) => sum + Math.sqrt((2 * q * (1 - q)) / (Math.PI * DRAWS)), 0) / 2;

export const targetNote = async (): Promise<string> =>
  `Texts of ${LENGTH} tokens, ${2 ** LENGTH} in all, whose law is known exactly. The target is P(y) exp(s(y)) / Z. The table shows the total variation of ${DRAWS.toLocaleString('en')} samples drawn by the production code, with seeds from 0 upwards. About ${noise(tilted(await exact(base))).toFixed(3)} of it is counting noise.`;

/** One curve a technique, as the chart takes it: what it calls accuracy is the distance. */
export async function sharpening(): Promise<readonly Curve[]> {
  const target = tilted(await exact(base));
  const made = async (name: string, of: (n: number) => Model): Promise<Curve> => {
    const distances: number[] = [];
    for (const n of SIZES) distances.push(totalVariation(shares(await drawn(of(n))), target));
    return curve(name, distances);
  };
  return [
    await made('particleFilter', (n) => plus(base, particleFilter({ n, steps: LENGTH, score }))),
    await made('softBestOfN, which weighs whole texts only', (n) => plus(base, softBestOfN({ n, score }))),
    await made('beamSearch of n/2 beams, width 2', (n) =>
      plus(base, beamSearch({ beams: Math.ceil(n / 2), width: Math.min(n, 2), steps: LENGTH, score })),
    ),
    curve('a filter whose weights are not reset after resampling', forgetful(target)),
  ];
}

/** One after another: so many particles of so many answers at once would be more work for the memory than for the filter. */
async function drawn(model: Model): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < DRAWS; seed++) {
    const { text } = await ask(model, 'question', { seed });
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

function tilted(p: Probabilities): Probabilities {
  const weights = [...p].map(([y, q]) => [y, q * Math.exp(scoreOf(y))] as const);
  const z = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return new Map(weights.map(([y, weight]) => [y, weight / z]));
}

function shares(counts: ReadonlyMap<string, number>): Probabilities {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...counts].map(([y, count]) => [y, count / total]));
}

/** A common mistake, in a few lines of its own: a weight that has brought offspring counts once more at the end. */
function forgetful(target: Probabilities): number[] {
  return SIZES.map((n) => {
    const counts = new Map<string, number>();
    for (let i = 0; i < DRAWS; i++) {
      const text = forgetfulDraw(seeded(`forgetful ${n} ${i}`), n);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return totalVariation(shares(counts), target);
  });
}

function forgetfulDraw(choice: Choice, n: number): string {
  let particles = Array.from({ length: n }, () => ({ text: '', weight: 1 }));
  for (let step = 0; step < LENGTH; step++) {
    particles = particles.map(({ text, weight }) => {
      const longer = text + (TOKENS[choice.categorical([3, 1])] as string);
      return { text: longer, weight: weight * Math.exp(scoreOf(longer) - (text === '' ? 0 : scoreOf(text))) };
    });
    const weights = particles.map(({ weight }) => weight);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (step < LENGTH - 1 && total ** 2 / weights.reduce((sum, weight) => sum + weight ** 2, 0) < n / 2)
      particles = particles.map(() => particles[choice.categorical(weights)] as (typeof particles)[number]);
  }
  return particles[choice.categorical(particles.map(({ weight }) => weight))]?.text ?? '';
}
