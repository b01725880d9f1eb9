/** What the proof page asks of the worker that has the laws, and what it is told. */

/** A technique with its laws. */
export interface Sheet {
  readonly technique: string;
  readonly room: string;
  readonly summary: string;
  readonly paper: string;
  readonly laws: readonly LawFacts[];
}

/** What a technique aims at with its options as they are, as it says of itself. */
export interface Aim {
  readonly kind: string;
  readonly target: string;
  readonly why: string;
}

export interface LawFacts {
  readonly law: string;
  /** `false`: the two sides must differ. */
  readonly holds: boolean;
  /** What a reader may change of it. */
  readonly parameters: readonly ParameterFacts[];
  readonly values: Values;
}

export type Values = { readonly [name: string]: unknown };

export interface ParameterFacts {
  readonly name: string;
  readonly kind: string;
  readonly doc: string;
  readonly values: readonly string[];
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** A law, by its technique and its place there, at other values than its own where some are given. */
export interface Asked {
  readonly technique: string;
  readonly index: number;
  readonly values?: Values | undefined;
}

export interface Outcome {
  readonly text: string;
  readonly found: number;
  readonly expected: number;
}

export interface Checked {
  readonly law: string;
  readonly holds: boolean;
  readonly kept: boolean;
  readonly distance: number;
  readonly paths: number;
  readonly calls: number;
  readonly aim: Aim | undefined;
  /** The likeliest first. */
  readonly outcomes: readonly Outcome[];
}

/** Why there is no result. */
export interface Refused {
  readonly message: string;
  /** The parameter that is wrong, where it is one. */
  readonly parameter: string | undefined;
}

export type ToWorker = { readonly id: number; readonly asked?: Asked | undefined };
export type FromWorker =
  | { readonly id: number; readonly sheets: readonly Sheet[] }
  | { readonly id: number; readonly checked: Checked }
  | { readonly id: number; readonly refused: Refused };
