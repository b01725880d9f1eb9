/** Sets of characters, as ranges of code points. */

/** Code points from a first to a last one, in order and apart. */
export type Characters = readonly (readonly [first: number, last: number])[];

const LAST = 0x10ffff;

/** The characters of both, in order. */
export function union(...all: readonly Characters[]): Characters {
  const out: [number, number][] = [];
  for (const [first, last] of all.flat().toSorted(([a], [b]) => a - b)) {
    const before = out.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else out.push([first, last]);
  }
  return out;
}

export function complement(of: Characters): Characters {
  const out: [number, number][] = [];
  let from = 0;
  for (const [first, last] of union(of)) {
    if (first > from) out.push([from, first - 1]);
    from = last + 1;
  }
  return from <= LAST ? [...out, [from, LAST]] : out;
}

export const without = (of: Characters, left: Characters): Characters => complement(union(complement(of), left));

export function codeOf(letter: string): number {
  return letter.codePointAt(0) as number;
}
