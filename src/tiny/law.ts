/** The law of the next token: logits, made probabilities by temperature and truncation, in that order. */
import type { Engine } from './network/engine.ts';
import { log } from './network/math.ts';

export interface Settings {
  /** p^(1/T); 0 takes the likeliest token, the first of equals. */
  readonly temperature: number;
  /** Keeps the likeliest k tokens. */
  readonly topK?: number | undefined;
  /** Keeps the fewest likeliest tokens that together reach this probability. */
  readonly topP?: number | undefined;
  /** Keeps tokens of at least this share of the likeliest one's probability. */
  readonly minP?: number | undefined;
}

export interface Law {
  /** Not normalized; 0 for a token that cannot come. */
  readonly weights: readonly number[];
  /** In nats. */
  logprob(token: number): number;
}

/** `barred` is not 0 for a token that must not come. Truncations apply in the order k, p, minimum. */
export function lawOf(engine: Engine, logits: Float32Array, settings: Settings, barred: Uint8Array): Law {
  const { temperature, topK, topP, minP } = settings;
  if (temperature === 0) return certain(logits, barred);
  const { weights: view, total } = engine.softmax(logits, temperature, barred);
  const weights: number[] = [];
  for (let i = 0; i < view.length; i++) weights.push(view[i] as number);
  const greatest = greatestOf(logits, barred);
  const logprob = (token: number, logTotal: number): number =>
    ((logits[token] as number) - greatest) / temperature - logTotal;
  if (topK === undefined && topP === undefined && minP === undefined) {
    const logTotal = log(total);
    return { weights, logprob: (token) => (barred[token] ? -Infinity : logprob(token, logTotal)) };
  }
  const kept = truncate(logits, weights, total, settings);
  let sum = 0;
  for (const [token, weight] of weights.entries()) {
    if (kept.has(token)) sum += weight;
    else weights[token] = 0;
  }
  const logTotal = log(sum);
  return { weights, logprob: (token) => (kept.has(token) ? logprob(token, logTotal) : -Infinity) };
}

/** How far a token's logit is behind the greatest: what decides at temperature 0. */
export function lagOf(logits: Float32Array, token: number, barred: Uint8Array): number {
  return (logits[token] as number) - greatestOf(logits, barred);
}

function certain(logits: Float32Array, barred: Uint8Array): Law {
  const greatest = greatestOf(logits, barred);
  const chosen = logits.findIndex((logit, token) => logit === greatest && !barred[token]);
  return {
    weights: Array.from(logits, (_, token) => (token === chosen ? 1 : 0)),
    logprob: (token) => (token === chosen ? 0 : -Infinity),
  };
}

function greatestOf(logits: Float32Array, barred: Uint8Array): number {
  let greatest = -Infinity;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] as number;
    if (logit > greatest && !barred[token]) greatest = logit;
  }
  return greatest;
}

function truncate(
  logits: Float32Array,
  weights: readonly number[],
  total: number,
  { topK, topP, minP }: Settings,
): Set<number> {
  // What falls below this floor sums to less than 1 - topP even if all tokens do: it is never needed to reach topP.
  const floor = topP === undefined || topK !== undefined ? 0 : (total * (1 - topP)) / weights.length;
  const order: number[] = [];
  weights.forEach((weight, token) => {
    if (weight > 0 && weight >= floor) order.push(token);
  });
  // By the logits: what rounding makes equal weights of is not equal.
  order.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  let kept = topK === undefined ? order : order.slice(0, topK);
  if (topP !== undefined && topP < 1) {
    const all = topK === undefined ? total : kept.reduce((sum, token) => sum + (weights[token] as number), 0);
    let sum = 0;
    const enough = kept.findIndex((token) => (sum += weights[token] as number) >= topP * all);
    if (enough !== -1) kept = kept.slice(0, enough + 1);
  }
  const least = (minP ?? 0) * (weights[kept[0] as number] as number);
  return new Set(kept.filter((token) => (weights[token] as number) >= least));
}
