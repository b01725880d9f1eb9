/** Arms in words, as another process is told of them. */
import type { Demonstration } from '../demos.ts';
import type { Router } from '../route/panel-model.ts';

export type ArmWords =
  | { readonly kind: 'arm'; readonly at: number }
  /** The base with so many votes. */
  | { readonly kind: 'vote'; readonly n: number }
  /** The base with a wording, while wordings evolve. */
  | { readonly kind: 'wording'; readonly text: string }
  | { readonly kind: 'panel'; readonly router: Router; readonly members: readonly number[] };

/** Arms that are asked the same items. Plain data. */
export interface Chapter {
  readonly demonstrations: readonly Demonstration[];
  readonly arms: readonly ArmWords[];
  /** Wordings that were written since: arms in which they stand come after those of the space. */
  readonly texts?: readonly string[];
  /** In the place of arms: what the reflecting model is asked, and the address of its draw. */
  readonly writing?: { readonly prompt: string; readonly key: string };
}
