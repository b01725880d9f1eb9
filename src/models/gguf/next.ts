/**
 * The next token: what is asked of the engine for it, and what its answer says. Three ways give the same law.
 *
 * - `engine`: the engine draws from all logits with a seed of ours, and gives the logit of what it drew, the highest one and
 *   the total weight. Nothing but these crosses the border, so a large vocabulary costs no more than a small one. The engine
 *   adds up the total in single precision: a log-probability is off by about 1e-4.
 * - `likeliest`: where top-p or temperature 0 decides, the law is made here from the likeliest tokens and the total weight,
 *   and from all logits where these do not hold enough.
 * - `all`: all logits, and the law in double precision.
 */
import type { Request } from '../../core/index.ts';
import type { LlamaNext, LlamaWant } from './library.ts';

export type Settings = Pick<Request, 'temperature' | 'topK' | 'topP'>;
export type Way = 'engine' | 'likeliest' | 'all';

export function wayOf({ temperature = 1, topK = 0, topP = 1 }: Settings, exact: boolean): Way {
  if (exact || topK > MOST_ASKED) return 'all';
  return temperature === 0 || topP < 1 ? 'likeliest' : 'engine';
}

export interface Look {
  readonly way: Way;
  readonly settings: Settings;
  /** The tokens that end a text: the first stands for all of them. */
  readonly ends: readonly number[];
  /** How many of the likeliest are reported. */
  readonly alternatives: number;
}

/** A token, its log-probability, and those of the likeliest. */
export interface Seen {
  readonly token: number;
  readonly logprob: number;
  readonly alternatives: readonly (readonly [token: number, logprob: number])[];
}

export const ALL: LlamaWant = { logits: true };

/** What is asked where a token is drawn. */
export function toDraw(look: Look, seed: () => number): LlamaWant {
  const { way, settings } = look;
  if (way === 'all') return ALL;
  if (way === 'engine')
    return {
      token: true,
      logits: { filter: { tokens: several(look.ends), includeSelected: true, includeTop: top(look) } },
      totalLogitWeight: true,
      options: { ...optionsOf(settings), seed: seed() },
    };
  return {
    logits: { filter: { tokens: several(look.ends), includeTop: MOST_LIKELY } },
    totalLogitWeight: true,
    ...(settings.temperature && settings.temperature !== 1 && { options: { ...optionsOf(settings), topK: 0 } }),
  };
}

/** What is asked where a token is given, and what its probability was is to be known. */
export function toScore(look: Look, token: number): LlamaWant {
  const { way, settings, ends } = look;
  if (way !== 'engine') return ALL;
  const plain = (settings.temperature ?? 1) === 1 && settings.topK === undefined;
  return {
    logits: { filter: { tokens: [token, ...several(ends)], includeTop: top(look) } },
    totalLogitWeight: true,
    ...(!plain && { options: optionsOf(settings) }),
  };
}

/** What the engine says of a token, given or drawn by it. */
export function seen({ logits = NONE, totalLogitWeight = Number.NaN }: LlamaNext, token: number, look: Look): Seen {
  let highest = -Infinity;
  for (const logit of logits.values()) highest = Math.max(highest, logit);
  const log = highest + Math.log(totalLogitWeight);
  return among(
    Array.from(logits, ([id, logit]): Entry => [id, logit - log]),
    token,
    look,
  );
}

type Entry = readonly [token: number, logprob: number];

/**
 * The tokens that top-k and top-p (or temperature 0) leave, with their log-probabilities, in the order of the vocabulary;
 * `undefined` where the likeliest that the engine gave do not hold enough.
 */
export function likeliestLaw(next: LlamaNext, { settings, ends }: Look, vocabulary: number): Entry[] | undefined {
  const { temperature = 1, topK = Infinity, topP = 1 } = settings;
  const { logits = NONE, totalLogitWeight = Number.NaN } = next;
  const order = [...logits].toSorted(([i, a], [j, b]) => b - a || i - j);
  // Tokens that end a text come along even where they are not among the likeliest.
  const known = order.length === vocabulary ? order : order.slice(0, MOST_LIKELY);
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return undefined;
  if (temperature === 0)
    return last[1] === first[1] && known.length < vocabulary ? undefined : joined([[first[0], 0]], ends);
  const given = known.slice(0, topK);
  const weights = given.map(([, logit]) => Math.exp(logit - first[1]));
  const total = given.length < topK ? totalLogitWeight : weights.reduce((a, b) => a + b, 0);
  let held = 0;
  let count = 0;
  while (count < given.length && (count === 0 || held < topP * total)) held += weights[count++] as number;
  if (held < topP * total && given.length < Math.min(topK, vocabulary)) return undefined;
  const log = Math.log(held);
  const kept = given.slice(0, count).map(([id], i): Entry => [id, Math.log(weights[i] as number) - log]);
  return joined(kept, ends).toSorted(([i], [j]) => i - j);
}

/** What a law says of one of its tokens. */
export function among(law: readonly Entry[], token: number, { ends, alternatives }: Look): Seen {
  const entries = joined(law, ends);
  const own = ends.includes(token) ? (ends[0] as number) : token;
  return {
    token: own,
    logprob: entries.find(([id]) => id === own)?.[1] ?? -Infinity,
    alternatives: alternatives > 0 ? entries.toSorted(([i, a], [j, b]) => b - a || i - j).slice(0, alternatives) : [],
  };
}

/** The same, the ways to end as one. */
function joined(law: readonly Entry[], ends: readonly number[]): Entry[] {
  const [end, ...others] = ends;
  if (end === undefined || others.length === 0) return [...law];
  const ending = law.reduce((sum, [id, logprob]) => sum + (ends.includes(id) ? Math.exp(logprob) : 0), 0);
  const rest = law.filter(([id]) => !ends.includes(id));
  return ending > 0 ? [...rest, [end, Math.log(ending)]] : rest;
}

const NONE: ReadonlyMap<number, number> = new Map();
/** So many of the likeliest are asked for: with top-p 0.95 they almost always hold enough. */
const MOST_LIKELY = 256;
/** A top-k above this is read from all logits. */
const MOST_ASKED = MOST_LIKELY;

const optionsOf = ({ temperature = 1, topK = 0 }: Settings): NonNullable<LlamaWant['options']> => ({
  temperature,
  topK,
  topP: 1,
  minP: 0,
  seed: 0,
});

/** The ways to end, where there are several: their probabilities are added up. */
const several = (ends: readonly number[]): readonly number[] => (ends.length > 1 ? ends : []);

/** The likeliest one tells the highest logit; of the others so many that the ways to end leave enough. */
const top = ({ alternatives, ends }: Look): number => (alternatives > 0 ? alternatives + ends.length : 1);
