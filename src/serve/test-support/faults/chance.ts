/** Chance that is the same for the same seed, wherever and in whatever order it is asked. */
import { createHash } from 'node:crypto';

/** A number from 0 up to 1. */
export type Chance = (...of: readonly (string | number)[]) => number;

export function chance(seed: string | number): Chance {
  return (...of) =>
    createHash('sha256')
      .update(JSON.stringify([seed, ...of]))
      .digest()
      .readUInt32LE(0) /
    2 ** 32;
}

export function oneOf<T>(values: readonly T[], drawn: number): T {
  return values[Math.floor(drawn * values.length)] as T;
}
