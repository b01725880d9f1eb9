/** The arms of a search: compositions that can be built and asked within the limits of a question, and what they may cost. */
import {
  type Choice,
  compositionOf,
  madeBy,
  PlusxError,
  type Limits,
  type Model,
  type Schema,
} from '../../core/index.ts';
import { worstCase, worstCaseOfReader, type WorstCase } from '../../evaluate/worst-case.ts';
import type { Item, Task } from '../../tasks/task.ts';
import type { Found, Picked } from '../space/part.ts';
import { someOf, type Space } from '../space/space.ts';

/** One composition of the space, as a model. */
export interface Arm {
  readonly model: Model;
  /** The model that it stands on. */
  readonly base: Model;
  /** What is added to it; empty for the model itself. */
  readonly text: string;
  readonly picks: readonly Picked[];
  /** Techniques in it: of equals the simplest is picked. */
  readonly techniques: number;
  /** The same with what was found on the training items. */
  readonly made: (found: Found) => Model;
}

/** A composition that is not tried. */
export interface LeftOut {
  readonly formula: string;
  readonly why: string;
}

export interface Arms {
  /** The base stands first. */
  readonly arms: readonly Arm[];
  readonly leftOut: readonly LeftOut[];
}

export interface ArmsOptions {
  readonly base: Model;
  /** So many compositions besides the base; more are drawn from. */
  readonly most: number;
  readonly perQuestion: Limits;
  readonly found: Found;
  readonly choice: Choice;
}

/** The compositions of a space as arms. Those that cannot be built, or may cost more than a question may, are left out and told. */
export function armsOf(space: Space, task: Task, { base, most, perQuestion, found, choice }: ArmsOptions): Arms {
  const arms = new Map<string, Arm>([
    [base.name, { model: base, base, text: '', picks: [], techniques: 0, made: () => base }],
  ]);
  const leftOut: LeftOut[] = [];
  for (const index of someOf(space, most, choice)) {
    const { text, picks, on, build } = space.at(index);
    try {
      const model = build(base, found);
      const why = tooMuch(model, task, perQuestion);
      if (why !== undefined) leftOut.push({ formula: model.name, why });
      else if (!arms.get(model.name)?.picks.length)
        arms.set(model.name, {
          model,
          base: on(base),
          text,
          picks,
          techniques: depth(model),
          made: (more) => build(base, more),
        });
    } catch (error) {
      if (!(error instanceof PlusxError)) throw error;
      leftOut.push({ formula: text, why: error.message });
    }
  }
  return { arms: [...arms.values()], leftOut };
}

/** Techniques in a composed model. */
function depth(model: Model): number {
  const { bases = [] } = compositionOf(model) ?? {};
  return bases.length === 0 ? 0 : 1 + bases.reduce((sum, one) => sum + depth(one), 0);
}

/** Why a model may take more for a question than it is allowed, by its worst case. */
function tooMuch(model: Model, { items: [item] }: Task, { calls, tokens, usd }: Limits): string | undefined {
  if (!item) return undefined;
  const worst = worstCase(model, item.request);
  const all =
    worst.inputTokens === undefined || worst.outputTokens === undefined
      ? undefined
      : worst.inputTokens + worst.outputTokens;
  const over = (name: string, limit: number | undefined, amount: number | undefined): string | undefined =>
    limit !== undefined && amount !== undefined && amount > limit
      ? `may take ${amount} ${name} a question, more than ${limit}`
      : undefined;
  return over('calls', calls, worst.calls) ?? over('tokens', tokens, all) ?? over('usd', usd, worst.usd);
}

/** The upper bounds of what a question may take, as a budget counts them. */
export interface Amounts {
  readonly calls: number | undefined;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
}

/**
 * What some arms may take for one item together. Arms that draw from one model with one request share their draws, so that the
 * largest of them pays for all. The metric grades the answer of each.
 */
export function worstOfArms(arms: readonly Arm[], { metric }: Task, item: Item): Amounts {
  const pools = new Map<string, Amounts>();
  for (const { model } of arms) {
    const pool = poolOf(model);
    const own = worstFor(model, item);
    const known = pools.get(pool);
    pools.set(pool, known ? merged(known, own, Math.max) : own);
  }
  const grading = metric.asks ? amountsOf(worstCaseOfReader(metric.asks, item.request)) : ZERO;
  return [...pools.values(), ...(metric.asks ? arms.map(() => grading) : [])].reduce(sum, ZERO);
}

const known = new WeakMap<Model, WeakMap<Item, Amounts>>();

/** The worst case of a model with an item, worked out once. */
function worstFor(model: Model, item: Item): Amounts {
  const ofModel = known.get(model) ?? new WeakMap<Item, Amounts>();
  known.set(model, ofModel);
  const amounts = ofModel.get(item) ?? amountsOf(worstCase(model, item.request));
  ofModel.set(item, amounts);
  return amounts;
}

const amountsOf = ({ calls, inputTokens, outputTokens, usd }: WorstCase): Amounts => ({
  calls,
  tokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
  usd,
});

export const ZERO: Amounts = { calls: 0, tokens: 0, usd: 0 };

/** Amount by amount; what is not bounded in one is not bounded. */
export function merged(a: Amounts, b: Amounts, of: (x: number, y: number) => number): Amounts {
  const one = (x: number | undefined, y: number | undefined): number | undefined =>
    x === undefined || y === undefined ? undefined : of(x, y);
  return { calls: one(a.calls, b.calls), tokens: one(a.tokens, b.tokens), usd: one(a.usd, b.usd) };
}

export const sum = (a: Amounts, b: Amounts): Amounts => merged(a, b, (x, y) => x + y);

/**
 * What a composition draws from, where it does nothing but draw: the model below and what is asked of it, whose draws it shares with
 * others. Else itself. Draws below a second draw have addresses of their own, so only the outermost technique shares.
 */
export function poolOf(model: Model): string {
  const made = madeBy(model);
  if (!made) return model.name;
  const { technique, options, base } = made;
  const { room, keepsPrompt, options: schema, needs } = technique.definition;
  const asksOthers = Object.entries(schema as Schema).some(([option, { kind }]) => {
    const value = options[option];
    if (kind === 'scorer')
      return typeof value === 'object' && value !== null && 'asks' in value && value.asks !== undefined;
    return (kind === 'model' || kind === 'models') && value !== undefined;
  });
  if (room !== 'search' || !keepsPrompt || asksOthers) return model.name;
  return needs?.(options).includes('logprobs') ? `${base.name} with log-probabilities` : base.name;
}
