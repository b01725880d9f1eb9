/** The next-token process of a model, and what can come of it where that is known without computing. */

/** The next-token process as an immutable value: pushing a token gives a new state and leaves the old one usable. */
export interface Process {
  /** Text of each token. */
  readonly vocabulary: readonly string[];
  /** Index of the token that ends the text. */
  readonly end: number;
  /** Tokens of the prompt that was read to open it, where that is known. */
  readonly inputTokens?: number | undefined;
  /** Log-probabilities in nats over the vocabulary. */
  next(): Promise<Float64Array>;
  push(token: number): Promise<Process>;
}

/**
 * What can come at all, where a process knows it without computing: the embedded model writes every text in one spelling, so
 * what stands before a token rules others out. A decoder that masks tokens looks ahead through this, so that it is not led
 * to a place where no token is left. One object stands for one future, so it can be the key of a map.
 */
export interface Possible {
  may(token: number): boolean;
  push(token: number): Possible;
}

const known = new WeakMap<Process, Possible>();

export function notePossible(process: Process, possible: Possible | undefined): Process {
  if (possible) known.set(process, possible);
  return process;
}

export const possibleOf = (process: Process): Possible | undefined => known.get(process);
