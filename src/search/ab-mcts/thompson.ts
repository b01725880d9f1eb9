/**
 * Thompson sampling in one draw. Instead of drawing a value from every arm's posterior and taking the arm with the largest,
 * it computes how likely each arm is to have the largest, and draws the arm by that. The choice is the same, and a law can
 * visit all of it because it is one draw from finitely many.
 */

import { logGamma } from '../shared/log-gamma.ts';

/** What is known of an arm whose rewards lie in 0…1: a beta distribution of its mean. */
export interface Posterior {
  readonly a: number;
  readonly b: number;
}

/** The posterior after these rewards, from Beta(prior, prior). */
export function posterior(rewards: readonly number[], prior: number): Posterior {
  const sum = rewards.reduce((total, reward) => total + reward, 0);
  return { a: prior + sum, b: prior + rewards.length - sum };
}

/**
 * P(θ_i is the largest) = ∫ f_i Π_{j≠i} F_j. Gauss-Legendre over where f_i has any mass: exact for whole numbers a and b
 * that are not large, and otherwise right to about six digits.
 */
export function chancesToBeLargest(arms: readonly Posterior[]): number[] {
  if (arms.length === 1) return [1];
  const chances = arms.map((arm, i) => {
    const mean = arm.a / (arm.a + arm.b);
    const spread = 12 * Math.sqrt((mean * (1 - mean)) / (arm.a + arm.b + 1));
    const [low, high] = [Math.max(0, mean - spread), Math.min(1, mean + spread)];
    return quadrature().reduce((sum, { at, weight }) => {
      const x = low + (high - low) * at;
      const others = arms.reduce((product, other, j) => (j === i ? product : product * cumulative(other, x)), 1);
      return sum + (high - low) * weight * density(arm, x) * others;
    }, 0);
  });
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  return chances.map((chance) => chance / total);
}

function density({ a, b }: Posterior, x: number): number {
  return Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b));
}

/** The regularized incomplete beta function, by its continued fraction (Lentz's method). */
export function cumulative({ a, b }: Posterior, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - cumulative({ a: b, b: a }, 1 - x);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  const safe = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return front * fraction;
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

interface QuadratureNode {
  readonly at: number;
  readonly weight: number;
}
const COUNT = 64;
let nodes: readonly QuadratureNode[] | undefined;

/** The places and weights of Gauss-Legendre quadrature on 0…1: roots of a Legendre polynomial, by Newton's method. */
function quadrature(): readonly QuadratureNode[] {
  nodes ??= Array.from({ length: COUNT }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (COUNT + 0.5));
    let slope = 1;
    for (let round = 0; round < 50; round++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= COUNT; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = (COUNT * (x * value - before)) / (x * x - 1);
      const step = value / slope;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    return { at: (1 + x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
  return nodes;
}
