/** Arms in words, as another process is told of them. */
import type { Demonstration } from '../demos.ts';
import type { Router } from '../route/panel-model.ts';

export type ArmWords =
  | { readonly kind: 'arm'; readonly at: number }
  /** The base with so many votes. */
  | { readonly kind: 'vote'; readonly n: number }
  | { readonly kind: 'panel'; readonly router: Router; readonly members: readonly number[] };

/** Arms that are asked the same items. Plain data. */
export interface Chapter {
  readonly demonstrations: readonly Demonstration[];
  readonly arms: readonly ArmWords[];
}
