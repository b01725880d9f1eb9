/** Closed forms of Markov chains over whole texts: t steps are P K^t, whatever the stationary law is. */
import { add, type Distribution, type P } from '../../testing/laws/closed-form.ts';

export const BASE: Distribution = { a: 5, b: 3, c: 2 };

/** P K^t, with K(y, z) = P(z) min(1, w(z)/w(y)) for z ≠ y, as a matrix and not as a walk; given the logarithm of w. */
export function afterSteps(p: P, t: number, logWeight: (y: string) => number): P {
  const accept = (y: string, z: string): number =>
    logWeight(z) >= logWeight(y) ? 1 : Math.exp(logWeight(z) - logWeight(y));
  let v = p;
  for (let step = 0; step < t; step++) {
    const next = new Map<string, number>();
    for (const [y, mass] of v)
      for (const [z, q] of p) {
        add(next, z, mass * q * accept(y, z));
        add(next, y, mass * q * (1 - accept(y, z)));
      }
    v = next;
  }
  return v;
}

/** P(y) w(y) / Z. */
export function target(p: P, weight: (y: string) => number): P {
  const z = [...p].reduce((sum, [y, q]) => sum + q * weight(y), 0);
  return new Map([...p].map(([y, q]) => [y, (q * weight(y)) / z]));
}
