/**
 * What can come at all, where a process knows it without computing: a model in the box that writes every text in one
 * spelling rules tokens out by what stands before them. Whoever masks tokens looks ahead through this, so as not to be led
 * to where no token is left.
 */
import type { Process } from '../model.ts';

/** One object for one future: it can be the key of a map. */
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
