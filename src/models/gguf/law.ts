/** The next-token distribution of a request: logits, then temperature, then top-k and top-p, then the sum of all ways to end. */
import type { Request } from '../../core/index.ts';

/** Log-probabilities in nats. `ends` are the tokens that end a text: `ends[0]` stands for all of them. */
export function law(
  logits: Float64Array,
  { temperature = 1, topK, topP }: Pick<Request, 'temperature' | 'topK' | 'topP'>,
  ends: readonly number[],
): Float64Array {
  const values = Float64Array.from(logits);
  const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
  for (let i = 0; i < values.length; i++) {
    const below = (values[i] as number) - top;
    values[i] = temperature === 0 ? (below === 0 ? 0 : -Infinity) : below / temperature;
  }
  // Of equals at temperature 0 the first is taken, as every other runtime does.
  if (temperature === 0) values.fill(-Infinity, values.indexOf(0) + 1);
  if (topK !== undefined || (topP !== undefined && topP < 1)) truncate(values, topK ?? Infinity, topP ?? 1);
  normalize(values);
  const [end, ...others] = ends;
  if (end === undefined || others.length === 0) return values;
  let ending = 0;
  for (const token of ends) {
    ending += Math.exp(values[token] as number);
    values[token] = -Infinity;
  }
  values[end] = Math.log(ending);
  return values;
}

function normalize(values: Float64Array): void {
  const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
  const log = Math.log(total);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - log;
}

/** Keeps the `k` likeliest, and of these the fewest that hold `p` of the probability. */
function truncate(values: Float64Array, k: number, p: number): void {
  const order = [...values.keys()].toSorted((a, b) => (values[b] as number) - (values[a] as number)).slice(0, k);
  const weights = order.map((i) => Math.exp(values[i] as number));
  const total = weights.reduce((a, b) => a + b, 0);
  const kept = new Set<number>();
  let held = 0;
  for (const [rank, i] of order.entries()) {
    if (held >= p * total && rank > 0) break;
    held += weights[rank] as number;
    kept.add(i);
  }
  for (let i = 0; i < values.length; i++) if (!kept.has(i)) values[i] = -Infinity;
}
