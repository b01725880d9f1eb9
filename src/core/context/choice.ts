/**
 * Randomness is one interface. In production it is a keyed, counter-based generator: the key comes from the seed and
 * the path of the call, so a draw depends on *where* it is made and never on *when*. In tests the enumerator
 * (`enumerate.ts`) implements the same interface and visits every outcome.
 */
export interface Choice {
  /** Draws an index with probability proportional to `weights` (finite, not negative, not all zero). */
  categorical(weights: readonly number[]): number;
  /** An independent source for the part of the work named `key`. The same key gives the same source. */
  fork(key: string): Choice;
  /** A number in [0, 2^31) for a back end that takes a seed. */
  seed(): number;
  /** Names this source: 16 hexadecimal digits, equal for equal seed and path. */
  readonly id: string;
}

type Pair = readonly [number, number];

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Threefry-2x32, 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */
export function threefry(key: Pair, counter: Pair): Pair {
  const keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda] as const;
  let x = (counter[0] + keys[0]) | 0;
  let y = (counter[1] + keys[1]) | 0;
  for (let block = 0; block < 5; block++) {
    for (let i = 0; i < 4; i++) {
      const r = ROTATIONS[(block % 2) * 4 + i] as number;
      x = (x + y) | 0;
      y = ((y << r) | (y >>> (32 - r))) ^ x;
    }
    x = (x + (keys[(block + 1) % 3] as number)) | 0;
    y = (y + (keys[(block + 2) % 3] as number) + block + 1) | 0;
  }
  return [x, y];
}

/** Two independent 32-bit multiply-xor hashes of a string: 64 bits to key the generator with. */
export function hash(text: string): Pair {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ code, 0x5f356495);
    b ^= b >>> 13;
  }
  return [Math.imul(a ^ (b >>> 16), 0x85ebca6b), Math.imul(b ^ (a >>> 13), 0xc2b2ae35)];
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

function keyed(key: Pair): Choice {
  let counter = 0;
  return {
    categorical(weights) {
      const total = checkedTotal(weights);
      const [x, y] = threefry(key, [counter++, 0]);
      const uniform = ((x >>> 5) * 0x4000000 + (y >>> 6)) / 2 ** 53;
      return indexAt(weights, uniform * total);
    },
    fork: (name) => keyed(threefry(key, hash(name))),
    // Counter word 1 keeps seeds apart from the numbers `categorical` uses.
    seed: () => (threefry(key, [0, 1])[0] >>> 1) | 0,
    get id() {
      return hex(key[0]) + hex(key[1]);
    },
  };
}

/** The production source of randomness for a whole run. Same seed, same run. */
export function seeded(seed: number | string): Choice {
  return keyed(threefry(hash(`plusx ${typeof seed}`), hash(String(seed))));
}

/** Sum of weights; refuses what is no distribution. */
export function checkedTotal(weights: readonly number[]): number {
  let total = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`categorical: weights must be finite and not negative, got ${weight}`);
    }
    total += weight;
  }
  if (!(total > 0)) throw new RangeError('categorical: at least one weight must be positive');
  return total;
}

function indexAt(weights: readonly number[], target: number): number {
  let cumulative = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (weight === 0) continue;
    cumulative += weight;
    last = i;
    if (target < cumulative) return i;
  }
  return last; // rounding can leave the target a hair above the last sum
}
