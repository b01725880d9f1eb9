/**
 * How far power sampling is from its target P^alpha / Z, step by step: node scripts/measure/power.ts [SVG]. Both kernels run through
 * the production code; beside them the exact chain of the suffix kernel without its ratio of lengths, which is how the method is often
 * written: with an end-of-text token the places to cut at are not as many in both texts, and the chain settles elsewhere.
 */
import { writeFileSync } from 'node:fs';
import { ask, plus, type Model } from '../../src/core/index.ts';
import { powerSampling } from '../../src/decode/index.ts';
import { curveSvg, type Curve } from '../../src/evaluate/index.ts';
import { enumerableTokens } from '../../src/models/written/index.ts';
import { exact, totalVariation, type Probabilities } from '../../src/testing/laws/exact.ts';
import { distanceCurve } from './distances.ts';

const STEPS = [1, 2, 4, 8, 16, 32];
const DRAWS = 4000;
const ALPHA = 2;
const LENGTH = 6;
const TOKENS = ['a', 'b'];
const END = 2;
/** Longer texts are rarer one by one, and there are more of them. */
const next = (prefix: readonly number[]): number[] => (prefix.length < LENGTH ? [4, 3, 2] : [0, 0, 1]);
const base = enumerableTokens({ name: 'tokens', tokens: TOKENS, next, maxTokens: LENGTH });

const p = await exact(base);
const target = normal(new Map([...p].map(([y, q]) => [y, q ** ALPHA])));
const curves = [
  await sampled('kernel="independent"', (steps) => plus(base, powerSampling({ alpha: ALPHA, steps }))),
  await sampled('kernel="suffix"', (steps) => plus(base, powerSampling({ alpha: ALPHA, steps, kernel: 'suffix' }))),
  curve('suffix without the ratio of lengths (exact)', chain(false)),
  curve('suffix as it should be (exact)', chain(true)),
];
console.log(`| steps | ${STEPS.join(' | ')} |\n|---|${STEPS.map(() => '---').join('|')}|`);
for (const { formula, curve: points } of curves)
  console.log(`| ${formula} | ${points.map(({ accuracy }) => accuracy.toFixed(3)).join(' | ')} |`);
console.log(`\nalpha = ${ALPHA}, texts of at most ${LENGTH} tokens, ${DRAWS} draws a point for the first two rows.`);
const [, , file] = process.argv;
if (file !== undefined)
  writeFileSync(
    file,
    curveSvg(curves, {
      title: 'Total variation from P^2 / Z against the number of steps',
      labels: curves.map(({ formula }) => formula),
      measure: 'total variation',
    }),
  );

async function sampled(formula: string, of: (steps: number) => Model): Promise<Curve> {
  const distances: number[] = [];
  for (const steps of STEPS) {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < DRAWS; seed++) {
      const { text } = await ask(of(steps), 'question', { seed });
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    distances.push(totalVariation(normal(counts), target));
  }
  return curve(formula, distances);
}

/** The law of the suffix chain after each number of steps, started at P. */
function chain(withLengths: boolean): number[] {
  const texts = [...p.keys()];
  const index = new Map(texts.map((text, i) => [text, i]));
  const chance = (prefix: string, text: string): number => {
    let probability = 1; // of writing `text` on from `prefix`
    for (let i = prefix.length; i <= text.length; i++) {
      const weights = next(Array.from({ length: i }, () => 0));
      const token = i === text.length ? END : TOKENS.indexOf(text[i] as string);
      probability *= (weights[token] as number) / weights.reduce((sum, weight) => sum + weight, 0);
    }
    return probability;
  };
  const rows = texts.map((x) => {
    const row = texts.map(() => 0);
    for (let cut = 0; cut <= x.length; cut++) {
      const prefix = x.slice(0, cut);
      for (const y of texts) {
        if (!y.startsWith(prefix)) continue;
        const proposed = chance(prefix, y) / (x.length + 1);
        const ratio = ((p.get(y) as number) / (p.get(x) as number)) ** (ALPHA - 1);
        const accepted = Math.min(1, ratio * (withLengths ? (x.length + 1) / (y.length + 1) : 1));
        row[index.get(y) as number] = (row[index.get(y) as number] as number) + proposed * accepted;
        row[index.get(x) as number] = (row[index.get(x) as number] as number) + proposed * (1 - accepted);
      }
    }
    return row;
  });
  let law = texts.map((text) => p.get(text) as number);
  const distances: number[] = [];
  for (let step = 1; step <= Math.max(...STEPS); step++) {
    law = texts.map((_, j) => law.reduce((sum, q, i) => sum + q * ((rows[i] as number[])[j] as number), 0));
    if (STEPS.includes(step))
      distances.push(totalVariation(new Map(texts.map((text, i) => [text, law[i] as number])), target));
  }
  return distances;
}

function normal(weights: ReadonlyMap<string, number>): Probabilities {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map([...weights].map(([y, weight]) => [y, weight / total]));
}

function curve(formula: string, distances: readonly number[]): Curve {
  return distanceCurve({ model: base.name, over: 'steps', values: STEPS, seed: 0, draws: DRAWS }, formula, distances);
}
