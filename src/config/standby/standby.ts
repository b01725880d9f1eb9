import type { Model } from '../../core/index.ts';
import { USUAL, type FailureKind } from './failures.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';

/** A model that is asked where another fails. */
export interface StandbyConfig {
  /** A name, or a formula. */
  readonly to: string;
  /** After which failures. Default: 429, 5xx, timeout, unreachable. */
  readonly on?: readonly FailureKind[] | undefined;
}

/** Who else is asked where a model is late. */
export interface HedgeConfig {
  /** Names or formulas, asked one after the other. The name of the model itself asks it once more. */
  readonly with: readonly string[];
  /** Milliseconds after which the next one is asked as well. Default 1000. */
  readonly afterMs?: number | undefined;
  /** Answers after which those that are late have `graceMs` left. Default 1. */
  readonly quorum?: number | undefined;
  /** Default 0. */
  readonly graceMs?: number | undefined;
}

/** A model, and what stands by for it. */
export interface Standby {
  readonly models: readonly Model[];
  /** For each model but the first, the failures after which it is asked. */
  readonly on: readonly (readonly FailureKind[])[];
}

const made = new WeakMap<Model, Standby>();

/** What a model was made of here, where it only falls back: a server may hand its requests on one by one. */
export const standbyOf = (model: Model): Standby | undefined => made.get(model);

interface Given {
  readonly fallback?:
    | readonly { readonly model: Model; readonly on?: readonly FailureKind[] | undefined }[]
    | undefined;
  readonly hedge?: (Omit<HedgeConfig, 'with'> & { readonly with: readonly Model[] }) | undefined;
}

/** The model with others behind it: first those for when it is late, then those for when it fails. */
export function withStandby(model: Model, { fallback: others = [], hedge: late }: Given): Model {
  const prompt = late ? hedged(model, late) : model;
  if (others.length === 0) return prompt;
  const on = others.map((one) => one.on ?? USUAL);
  const models = [prompt, ...others.map((one) => one.model)];
  const whole = fallback(models, { on: on.map((kinds) => kinds.join(' ')) });
  if (!late) made.set(whole, { models, on });
  return whole;
}

function hedged(model: Model, { with: others, afterMs, quorum, graceMs }: NonNullable<Given['hedge']>): Model {
  const given = { afterMs, quorum, graceMs };
  return hedge(
    [model, ...others],
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
}
