/** What a back end says of its calls (bound, price, how its text is read), for whoever opens its model token by token. */
import type { Need } from '../accounts/budget.ts';
import type { Price } from '../accounts/price.ts';
import type { ThoughtOptions } from '../reading/thoughts.ts';
import type { Model } from '../model.ts';
import type { Request, Warning } from '../sample.ts';

/** A model whose next-token process is opened, and what it is asked. */
export interface Opened {
  readonly model: Model;
  readonly request: Request;
}

/** How thoughts are told from what a model says: by the usual tags, by others, or not at all (`false`). */
export type Thoughts = ThoughtOptions | false;

export interface Terms {
  readonly price?: Price | undefined;
  /** How thoughts in its text are told from what it says (default: by the usual tags; `false`: not at all). */
  readonly thoughts?: Thoughts | undefined;
  /** Upper bounds of one candidate's tokens; `outputTokens: undefined` where nothing bounds it. */
  bound(request: Request): Pick<Need, 'inputTokens' | 'outputTokens'>;
  /** What of a request is left undone, as the warnings that a call would give. Default: nothing is known to be. */
  readonly leavesUndone?: ((request: Request) => readonly Warning[]) | undefined;
}

const terms = new WeakMap<Model, Terms>();

/** Remembers what the calls of a back end may take, for whoever opens its model. */
export function noteTerms(model: Model, of: Terms): Model {
  terms.set(model, of);
  return model;
}

/** The terms of a model that is a back end's. */
export const termsOf = (model: Model): Terms | undefined => terms.get(model);
